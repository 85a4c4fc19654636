import type { Agent as HttpAgent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { reason } from "../support/debug.ts";
import { requestsAtOnce } from "../support/limits.ts";
import type { HttpSink } from "../support/sinks.ts";
import type { Answer, Sink } from "./sink.ts";

const agentOptions = { keepAlive: true, maxSockets: requestsAtOnce };

/** POSTs a payload to a URL, and sends a DELETE there for what was sent under an id. */
export function httpSink(options: HttpSink): Required<Sink> {
  const url = new URL(options.url);
  const agent = agentFor(url);
  agent.catch(() => {}); // Told by each request.
  const ask = async (method: Method, body: string, timeoutMs: number): Promise<Answer> => {
    try {
      return await exchange(url, await agent, method, body, timeoutMs);
    } catch (error) {
      return { failure: reason(error) };
    }
  };
  return {
    deliver: ({ body }, timeoutMs) => ask("POST", body, timeoutMs),
    erase: (anonymousId, timeoutMs) => ask("DELETE", JSON.stringify({ anonymousId }), timeoutMs),
    probe: (timeoutMs) => ask("HEAD", "", timeoutMs),
  };
}

type Method = "POST" | "DELETE" | "HEAD";

/** Of the two modules only the one that is needed: the one for https takes long to load. */
function moduleFor(url: URL) {
  return url.protocol === "https:"
    ? process.getBuiltinModule("node:https")
    : process.getBuiltinModule("node:http");
}

async function agentFor(url: URL): Promise<HttpAgent | HttpsAgent> {
  const { Agent } = moduleFor(url);
  if (url.protocol === "http:" || !saysProxy(process.env)) return new Agent(agentOptions);
  const { proxyAgent } = await import("./proxy.ts");
  return proxyAgent(url, agentOptions);
}

function saysProxy(env: NodeJS.ProcessEnv): boolean {
  return ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].some((name) => env[name]);
}

/**
 * `node:https`, not `fetch`: `fetch` doubles the sender's CPU time and memory. Redirects are not
 * followed: the answer of whoever redirects is not the endpoint's.
 */
function exchange(
  url: URL,
  agent: HttpAgent | HttpsAgent,
  method: Method,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  const { request: send } = moduleFor(url);
  return new Promise<Answer>((resolve) => {
    const request = send(url, {
      agent,
      method,
      // For the request that asks a proxy to connect; this one has a timer of its own.
      timeout: timeoutMs,
      headers: {
        ...(body !== "" && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        }),
        "user-agent": "sendoff",
      },
    });
    // One timer for all of it: a socket's own starts anew with every byte that drips in.
    const timer = setTimeout(() => {
      resolve({ failure: "ETIMEDOUT" });
      request.destroy();
    }, timeoutMs);
    const settle = (answer: Answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    request.on("response", (response) => {
      const answer = answerOf(response);
      if (mayBePage(response)) {
        response.once("data", (start) =>
          settle(isPage(start) ? { failure: "a web page" } : answer),
        );
        response.once("close", () => settle(answer));
      } else {
        settle(answer);
      }
      discard(response);
    });
    request.on("error", (error) => settle({ failure: reason(error) }));
    request.end(body);
  });
}

/**
 * A 2xx with a page in it comes from somebody on the way (a portal, a filter that reads TLS) or from
 * a host that answers everything with its home page: it has not taken a batch. The type alone says
 * too little, for some frameworks call a bare "OK" HTML.
 */
function mayBePage({ statusCode = 0, headers }: IncomingMessage): boolean {
  const isSuccess = statusCode >= 200 && statusCode < 300;
  return isSuccess && /^text\/html\b/i.test(headers["content-type"] ?? "");
}

function isPage(start: Buffer): boolean {
  return /^\s*</.test(start.toString());
}

function answerOf(response: IncomingMessage): Answer {
  const status = response.statusCode ?? 0;
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Date.now());
  return retryAfterMs === undefined ? { status } : { status, retryAfterMs };
}

/** Seconds or an HTTP date; undefined for anything else. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // `Date.parse` takes much that is no HTTP date: "-1" is a day in 2001.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The status says it all. A short body is read to its end, so that the connection serves the next
 * request; one that is long or slow is cut off.
 */
function discard(response: IncomingMessage): void {
  const maxBytes = 16 * 1024;
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), 500);
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) response.destroy();
  });
  response.on("error", () => {});
  response.on("close", () => clearTimeout(timer));
}
