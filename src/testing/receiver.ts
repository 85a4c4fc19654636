import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { act, type Behaviour, decide, type ReceivedRequest } from "./behaviour.ts";
import { eventsIn, type ReceivedEvent, uniqueById } from "./received-event.ts";
import { parsePayload } from "./received-payload.ts";
import { createWaits } from "./waits.ts";

export interface ReceiverOptions {
  /** @default "accept" */
  behaviour?: Behaviour;
  /** Milliseconds between a request and its answer. @default 0 */
  delay?: number;
}

export interface WaitOptions {
  /** Milliseconds; then the promise rejects and tells what came instead. @default 10_000 */
  timeout?: number;
}

/** An endpoint on this machine. What is counted and listed is since its start. */
export interface Receiver extends AsyncDisposable {
  /** To be given to a product as its endpoint: `http://127.0.0.1:<port>/v1/events`. */
  readonly url: string;
  /** Every request that came in whole, whatever its answer; none while it refuses. */
  readonly requests: readonly ReceivedRequest[];
  /** How often somebody connected, also without a request. */
  readonly connections: number;
  /** The events of all requests; what was sent twice is there twice. */
  readonly events: readonly ReceivedEvent[];
  /** The same, each id once. */
  readonly uniqueEvents: readonly ReceivedEvent[];
  /**
   * From the next request on (`refuse`: the next connection); what hangs already goes on hanging.
   * Without a `delay` there is none any more.
   */
  behave(behaviour: Behaviour, options?: Pick<ReceiverOptions, "delay">): void;
  /** Until `count` different events have come in; resolves with all of them. */
  waitForEvents(count: number, options?: WaitOptions): Promise<readonly ReceivedEvent[]>;
  /** Until `count` requests have come in; resolves with all of them. */
  waitForRequests(count: number, options?: WaitOptions): Promise<readonly ReceivedRequest[]>;
  /** Until somebody has connected. */
  waitForConnection(options?: WaitOptions): Promise<void>;
  /** Closes every connection, also those that hang, and ends all waits. */
  stop(): Promise<void>;
}

/** A real HTTP server on 127.0.0.1, on a port that was free. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  let { behaviour = "accept", delay = 0 } = options;
  let connections = 0;
  let stopping: Promise<void> | undefined;
  const requests: ReceivedRequest[] = [];
  const events: ReceivedEvent[] = [];
  const sockets = new Set<Socket>();
  const delays = new Set<NodeJS.Timeout>();
  const waits = createWaits();

  const server = createServer((incoming, response) => {
    void readRequest(incoming).then(async (request) => {
      if (!request) return;
      // Over a connection that was kept alive from better times.
      if (behaviour === "refuse") return act(behaviour, response);
      const requestIndex = requests.push(request) - 1;
      events.push(...eventsIn(request.payload));
      const [decided, milliseconds] = [decide(behaviour, request, requestIndex), delay];
      waits.wake();
      const steady = await decided;
      if (milliseconds === 0) return act(steady, response);
      const timer = setTimeout(() => {
        delays.delete(timer);
        act(steady, response);
      }, milliseconds);
      delays.add(timer);
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (behaviour === "refuse") socket.resetAndDestroy();
    waits.wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function wait(what: string, isMet: () => boolean, { timeout = 10_000 }: WaitOptions = {}) {
    const startedAt = Date.now();
    if (await waits.until(isMet, timeout)) return;
    const waited = `waited ${Date.now() - startedAt} ms for ${what}`;
    const ending = stopping ? ", until the receiver was stopped" : "";
    throw new Error(`${waited}${ending}; what came: ${summary(connections, requests, events)}`);
  }

  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/v1/events`,
    requests,
    events,
    get connections() {
      return connections;
    },
    get uniqueEvents() {
      return uniqueById(events);
    },
    behave(next, { delay: nextDelay = 0 } = {}) {
      behaviour = next;
      delay = nextDelay;
    },
    async waitForEvents(count, waitOptions) {
      await wait(plural(count, "event"), () => uniqueById(events).length >= count, waitOptions);
      return uniqueById(events);
    },
    async waitForRequests(count, waitOptions) {
      await wait(plural(count, "request"), () => requests.length >= count, waitOptions);
      return requests;
    },
    waitForConnection: (waitOptions) => wait("a connection", () => connections > 0, waitOptions),
    stop() {
      stopping ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const timer of delays) clearTimeout(timer);
        for (const socket of sockets) socket.destroy();
      });
      waits.end();
      return stopping;
    },
    [Symbol.asyncDispose]: () => receiver.stop(),
  };
  return receiver;
}

/** Undefined for a request that broke off before its end. */
async function readRequest(incoming: IncomingMessage): Promise<ReceivedRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  const body = Buffer.concat(chunks).toString("utf8");
  const { method = "", url = "", headers } = incoming;
  return { method, path: url, headers, body, payload: parsePayload(body), receivedAt: new Date() };
}

function summary(connections: number, requests: ReceivedRequest[], events: ReceivedEvent[]) {
  const unique = uniqueById(events);
  const names = [...new Set(unique.map(({ eventName }) => eventName))].join(", ");
  const repeated = events.length - unique.length;
  return [
    plural(connections, "connection"),
    plural(requests.length, "request"),
    plural(unique.length, "event") + (names && ` (${names})`),
    ...(repeated > 0 ? [`${repeated} sent again`] : []),
  ].join(", ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
