import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Behaviour, isolatedHome, type Receiver, startReceiver } from "sendoff/testing";
import { createAuthority } from "../e2e/certificates.ts";
import { senderGone } from "../e2e/harness.ts";
import {
  type ConnectProxy,
  type Line,
  type LineOptions,
  reset,
  startLine,
  startProxy,
  type Tamper,
} from "../e2e/line.ts";
import { canSetResolver, type NameServer, startNameServer } from "./name-server.ts";

/** Everything that an endpoint, or the way to it, has been seen to do. */
export interface Fault {
  name: string;
  /** What becomes of a batch while it lasts. */
  fate: "waits" | "received";
  /** Requests that come in whole while four batches wait; undefined: not a matter of the fault. */
  requests?: number;
  /** Undefined where the machine can't produce it. */
  missing?: string;
  begin(scene: Scene): Promise<Trouble> | Trouble;
}

/** A home, a receiver, and what lies between. */
interface Scene {
  home: ReturnType<typeof isolatedHome>;
  receiver: Receiver;
  authority: ReturnType<typeof createAuthority>;
  /** Answers wait for it: until then no build can have seen one. */
  opened: Promise<void>;
  line(options?: Partial<LineOptions>): Promise<Line>;
  /** In front of a line with a certificate. */
  proxy(target: Line): Promise<ConnectProxy>;
  nameServer(): Promise<NameServer>;
}

export interface Trouble {
  /** For builds and commands. */
  env: Record<string, string>;
  /** In front of every command. */
  prefix?: string[];
  /** Ends the fault; undefined where it can't end. */
  heal?(): Promise<void> | void;
}

export async function createScene() {
  const home = isolatedHome();
  const receiver = await startReceiver();
  const authority = createAuthority();
  writeFileSync(path.join(home.path, "ca.pem"), authority.certificate);
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const parts: { close(): Promise<void> }[] = [];
  const kept = <Thing extends { close(): Promise<void> }>(thing: Thing) => {
    parts.push(thing);
    return thing;
  };
  return {
    home,
    receiver,
    authority,
    opened,
    line: async (options: Partial<LineOptions> = {}) =>
      kept(await startLine({ to: receiver.url, ...options })),
    proxy: async (target: Line) => kept(await startProxy(target.port)),
    nameServer: async () => kept(await startNameServer(home.path)),
    open,
    async end() {
      open();
      await receiver.stop();
      for (const thing of parts) await thing.close();
      await senderGone(home.path);
      home.remove();
    },
  };
}

const named = "telemetry.acme.invalid";

/** Those that last as long as a sender lives come first, so that they last at the same time. */
export const faults: Fault[] = [
  tampers("hangs before headers", "waits", 2, () => {}),
  tampers("drips a byte a second", "waits", 2, (answer, sender) => {
    let i = 0;
    const drip = setInterval(() => sender.write(answer.subarray(i, ++i)), 1000);
    sender.on("close", () => clearInterval(drip));
  }),
  {
    name: "hangs in the TLS handshake",
    fate: "waits",
    requests: 0,
    async begin({ authority, home, line }) {
      const way = await line({ certificate: authority.issue() });
      way.stall(true);
      return { env: { ...over("https", way), ...trust(home) }, heal: () => way.stall(false) };
    },
  },
  resolves("a name whose lookup hangs", "waits", 0, undefined),
  proxied("a proxy that hangs", (proxy) => proxy.behave("hang")),
  answers("500", 2, { status: 500 }),
  answers("503, Retry-After: a date far off", 1, () => ({
    status: 503,
    headers: { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() },
  })),
  answers("429, Retry-After: 1", 2, { status: 429, headers: { "retry-after": "1" } }),
  answers("429, Retry-After: 3600", 1, { status: 429, headers: { "retry-after": "3600" } }),
  answers("404", 1, { status: 404 }),
  answers("301", 1, ({ headers }) => ({
    status: 301,
    headers: { location: `http://${headers.host}/elsewhere` },
  })),
  answers("a captive portal, 302", 1, {
    status: 302,
    headers: { location: "http://portal.invalid/" },
  }),
  answers("a captive portal, 200 and a page", 2, {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "\n<!doctype html><title>Welcome to our network</title>",
  }),
  tampers("hangs after headers", "received", 4, (_answer, sender) => {
    sender.write("HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\n");
  }),
  tampers("resets amid the headers", "waits", 2, (answer, sender) => {
    sender.write(answer.subarray(0, 14), () => setTimeout(reset, 20, sender));
  }),
  tampers("resets amid the body", "received", 4, (_answer, sender) => {
    const part = `HTTP/1.1 202 Accepted\r\ncontent-length: 1000\r\n\r\n${"x".repeat(100)}`;
    sender.write(part, () => setTimeout(reset, 20, sender));
  }),
  tampers("a huge answer", "received", 4, (_answer, sender) => {
    const page = randomBytes(1 << 20);
    const pour = () => {
      while (!sender.destroyed && sender.write(page));
    };
    sender.on("drain", pour);
    sender.write("HTTP/1.1 202 Accepted\r\nconnection: close\r\n\r\n");
    pour();
  }),
  tampers("headers without end", "waits", 2, (_answer, sender) => {
    sender.write("HTTP/1.1 202 Accepted\r\n");
    const more = () => {
      while (!sender.destroyed && sender.write(`x-${"y".repeat(2000)}: z\r\n`));
    };
    sender.on("drain", more);
    more();
  }),
  tampers("no HTTP at all", "waits", 2, (_answer, sender) => {
    sender.write("SSH-2.0-OpenSSH_9.6\r\n");
  }),
  {
    name: "refuses",
    fate: "waits",
    requests: 0,
    async begin({ line }) {
      const way = await line();
      await way.close();
      return { env: over("http", way), heal: () => way.reopen() };
    },
  },
  presents("an expired certificate", ({ authority }) => authority.issue({ days: -1 })),
  presents("a certificate of nobody known", () => createAuthority().issue()),
  presents("a certificate of another name", ({ authority }) =>
    authority.issue({ names: ["elsewhere.dev"], address: "127.0.0.2" }),
  ),
  {
    name: "a name that doesn't resolve",
    fate: "waits",
    requests: 0,
    // The machine's own resolver says so, or doesn't answer: both are the case.
    begin: () => ({ env: { PRODUCT_OPTIONS: endpoint(`https://${named}/v1/events`) } }),
  },
  resolves("a name that resolves after 2 s", "received", 4, 2000),
  proxied(
    "a proxy that refuses",
    (proxy) => proxy.close(),
    (proxy) => proxy.reopen(),
  ),
  proxied("a proxy that wants credentials, 407", (proxy) => proxy.behave(407)),
  proxied("a proxy that resets once connected", (proxy) => proxy.behave("reset")),
];

/** The endpoint itself is in trouble, and says so. */
function answers(name: string, requests: number, behaviour: Exclude<Behaviour, string>): Fault {
  return {
    name,
    fate: "waits",
    requests,
    begin({ opened, receiver }) {
      receiver.behave(async (request, index) => {
        await opened;
        return typeof behaviour === "function" ? behaviour(request, index) : behaviour;
      });
      return {
        env: { ACME_TELEMETRY_ENDPOINT: receiver.url },
        heal: () => receiver.behave("accept"),
      };
    },
  };
}

/** The endpoint has taken it, but its answer does not come through as it was. */
function tampers(name: string, fate: Fault["fate"], requests: number, tamper: Tamper): Fault {
  return {
    name,
    fate,
    requests,
    async begin({ line, opened, receiver }) {
      receiver.behave(() => opened.then(() => "accept"));
      const way = await line({ tamper });
      return { env: over("http", way), heal: () => way.tamper() };
    },
  };
}

function presents(name: string, wrong: (scene: Scene) => { cert: string; key: string }): Fault {
  return {
    name,
    fate: "waits",
    requests: 0,
    async begin(scene) {
      const way = await scene.line({ certificate: wrong(scene) });
      return {
        env: { ...over("https", way), ...trust(scene.home) },
        heal: () => way.present(scene.authority.issue()),
      };
    },
  };
}

function resolves(
  name: string,
  fate: Fault["fate"],
  requests: number,
  afterMs: number | undefined,
): Fault {
  const fault: Fault = {
    name,
    fate,
    requests,
    async begin(scene) {
      const way = await scene.line({ certificate: scene.authority.issue({ names: [named] }) });
      const names = await scene.nameServer();
      names.answerAfter(afterMs);
      return {
        env: {
          PRODUCT_OPTIONS: endpoint(`https://${named}:${way.port}/v1/events`),
          ...trust(scene.home),
        },
        prefix: names.prefix,
        heal: () => names.answerAfter(0),
      };
    },
  };
  return canSetResolver() ? fault : { ...fault, missing: "root on Linux, with unshare" };
}

function proxied(
  name: string,
  begin: (proxy: ConnectProxy) => Promise<void> | void,
  heal: (proxy: ConnectProxy) => Promise<void> | void = (proxy) => proxy.behave("connect"),
): Fault {
  return {
    name,
    fate: "waits",
    requests: 0,
    async begin(scene) {
      const way = await scene.line({ certificate: scene.authority.issue({ names: [named] }) });
      const proxy = await scene.proxy(way);
      await begin(proxy);
      const env = {
        HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
        PRODUCT_OPTIONS: endpoint(`https://${named}/v1/events`),
        ...trust(scene.home),
      };
      return { env, heal: () => heal(proxy) };
    },
  };
}

const endpoint = (url: string) => JSON.stringify({ endpoint: url });
const over = (scheme: "http" | "https", { port }: Line) => ({
  ACME_TELEMETRY_ENDPOINT: `${scheme}://127.0.0.1:${port}/v1/events`,
});
const trust = (home: Scene["home"]) => ({ NODE_EXTRA_CA_CERTS: path.join(home.path, "ca.pem") });
