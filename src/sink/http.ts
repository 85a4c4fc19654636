import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { reason } from "../support/debug.ts";
import { requestsAtOnce } from "../support/limits.ts";
import type { HttpSink } from "../support/sinks.ts";
import type { Answer, Sink } from "./sink.ts";

const agentOptions = { keepAlive: true, maxSockets: requestsAtOnce };

/** POSTs a payload to a URL. */
export function httpSink(options: HttpSink): Sink {
  const url = new URL(options.url);
  const agent = agentFor(url);
  agent.catch(() => {}); // Told by each delivery.
  return {
    async deliver({ body }, timeoutMs) {
      try {
        return await post(url, await agent, body, timeoutMs);
      } catch (error) {
        return { failure: reason(error) };
      }
    },
  };
}

async function agentFor(url: URL): Promise<HttpAgent | HttpsAgent> {
  if (url.protocol === "http:") return new HttpAgent(agentOptions);
  if (!saysProxy(process.env)) return new HttpsAgent(agentOptions);
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
function post(
  url: URL,
  agent: HttpAgent | HttpsAgent,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise<Answer>((resolve) => {
    const request = send(url, {
      agent,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
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
      settle(answerOf(response));
      discard(response);
    });
    request.on("error", (error) => settle({ failure: reason(error) }));
    request.end(body);
  });
}

function answerOf(response: IncomingMessage): Answer {
  const status = response.statusCode ?? 0;
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Date.now());
  return retryAfterMs === undefined ? { status } : { status, retryAfterMs };
}

/** Seconds or an HTTP date; undefined for anything else. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
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
