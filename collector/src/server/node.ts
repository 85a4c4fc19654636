import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { requestMaxBytes } from "../../../src/support/limits.ts";
import { ToldError } from "../config/told-error.ts";
import type { IngestAnswer } from "../ingest/answer.ts";
import type { Ingest } from "../ingest/ingest.ts";
import { answerBody, answerHeaders, ingestPaths, refuseHead, tooLarge } from "./ingest-http.ts";
import { type SourceOf, sourceOf } from "./source.ts";

export interface NodeServerParts {
  app: Hono;
  ingest: Ingest;
  host: string;
  /** 0 for one that is free. */
  port: number;
  /** A proxy in front says who asks, in the last entry of `x-forwarded-for`. */
  isBehindProxy: boolean;
  maxConnections: number;
  /** PEM texts. */
  tls?: { cert: string; key: string } | undefined;
}

export interface NodeServer {
  url: string;
  /** Takes no more, and resolves when what was under way has been answered. */
  close(): Promise<void>;
}

/** A client that is slower than these is no sender: those give up after 5 s. */
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;
/** Longer than a proxy in front keeps an idle connection, or it would meet one just closed. */
const keepAliveTimeoutMs = 65_000;
/** How often slow ones are looked for. */
const connectionsCheckingIntervalMs = 1_000;
/** For how long, and how much, of a refused request is read. */
const lingerMs = 1_000;
const lingerBytes = 1024 * 1024;
/** After that what is still under way is cut off. */
const graceMs = 10_000;
/** How often connections that have had their answer are looked for meanwhile. */
const sweepMs = 50;

/**
 * Serves on Node. Events take a shorter way than the web-standard handler: a `Request`, a
 * `Response` and two streams for each would cost more than all that is done with them. What is
 * refused and answered is the same, by the same code (ingest-http.ts).
 */
export async function serveOnNode(parts: NodeServerParts): Promise<NodeServer> {
  const source = sourceOf(parts.isBehindProxy);
  const others = getRequestListener(parts.app.fetch, { overrideGlobalObjects: false });
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: connectionsCheckingIntervalMs,
  };
  let isClosing = false;
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    if (isClosing) response.setHeader("connection", "close");
    const path = incoming.url?.split("?", 1)[0] ?? "";
    if (ingestPaths.includes(path)) receive(incoming, response, parts.ingest, source);
    else void others(incoming, response);
  };
  const server = parts.tls
    ? createHttpsServer({ ...options, ...parts.tls }, listener)
    : createHttpServer(options, listener);
  server.maxConnections = parts.maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, parts)));
    server.listen(parts.port, parts.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = parts.host.includes(":") ? `[${parts.host}]` : parts.host;
  return {
    url: `${parts.tls ? "https" : "http"}://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        // A request from before is answered as one whose connection stays: it is closed after that.
        const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
        server.close(() => {
          clearTimeout(timer);
          clearInterval(sweep);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** What to say instead, where that is known. */
function listenError(error: NodeJS.ErrnoException, { host, port }: NodeServerParts): Error {
  const words: Record<string, string> = {
    EADDRINUSE: `--port ${port}: something listens there already: stop it, or say another port.`,
    EACCES: `--port ${port}: this user may not listen there: say one from 1024 up, and let a proxy have the other.`,
    EADDRNOTAVAIL: `--host ${host}: this machine has no such address: say one of its own, or 0.0.0.0 for all.`,
    ENOTFOUND: `--host ${host}: no such name is known here: say an address of this machine.`,
  };
  const said = words[error.code ?? ""];
  return said === undefined ? error : new ToldError(said, { cause: error });
}

/** For the web-standard handler on Node. */
export function nodeSource(isBehindProxy: boolean): (context: Context) => string {
  const source = sourceOf(isBehindProxy);
  return ({ env }) => source((env as { incoming: IncomingMessage }).incoming);
}

function receive(
  incoming: IncomingMessage,
  response: ServerResponse,
  ingest: Ingest,
  source: SourceOf,
): void {
  const { headers, method = "" } = incoming;
  const refusal = refuseHead({ method, header: (name) => headers[name] as string | undefined });
  if (refusal) {
    refuse(incoming, response, ingest.refuse(method, refusal));
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  incoming.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > requestMaxBytes) {
      incoming.removeAllListeners("data");
      incoming.removeAllListeners("end");
      refuse(incoming, response, ingest.refuse(method, tooLarge));
    } else {
      chunks.push(chunk);
    }
  });
  incoming.on("end", () => {
    const body = (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString();
    const handle = method === "POST" ? ingest.post : ingest.erase;
    void handle(body, source(incoming)).then((answer) => send(response, answer));
  });
  // A client that broke off has nothing more to hear.
  incoming.on("error", () => {});
}

/**
 * Told at once, whatever is still on its way; the connection ends with that, or soon. Closed with bytes
 * unread it would be reset, and a proxy in front would make a 502 of the answer.
 */
function refuse(incoming: IncomingMessage, response: ServerResponse, answer: IngestAnswer): void {
  response.setHeader("connection", "close");
  response.write(head(response, answer));
  let unread = 0;
  const end = () => response.end();
  const timer = setTimeout(end, lingerMs);
  incoming.on("data", (chunk: Buffer) => {
    unread += chunk.length;
    if (unread > lingerBytes) end();
  });
  incoming.once("end", end);
  response.once("close", () => clearTimeout(timer));
}

function send(response: ServerResponse, answer: IngestAnswer): void {
  response.end(head(response, answer));
}

/** @returns the body. */
function head(response: ServerResponse, answer: IngestAnswer): string {
  const body = answerBody(answer);
  // Without a length Node would write even no body in chunks.
  const length = { "content-length": String(Buffer.byteLength(body)) };
  response.writeHead(answer.status, { ...answerHeaders(answer), ...length });
  return body;
}
