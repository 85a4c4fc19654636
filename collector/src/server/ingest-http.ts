import { requestMaxBytes } from "../../../src/support/limits.ts";
import type { IngestAnswer } from "../ingest/answer.ts";

/**
 * The HTTP of ingest: what a request must look like before its body is read, and how an answer is
 * written. Both ways in (the web-standard handler, and Node's own for speed) use it.
 */

/** xmcp's path, and ours. */
export const ingestPaths: readonly string[] = ["/v1/events", "/api/telemetry/events"];

export interface RequestHead {
  method: string;
  header(name: string): string | null | undefined;
}

/** Undefined where the body is to be read. */
export function refuseHead({ method, header }: RequestHead): IngestAnswer | undefined {
  if (method !== "POST" && method !== "DELETE") {
    return { status: 405, error: "POST events here, or DELETE what an id has sent." };
  }
  const type = header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    return { status: 415, error: "content-type should be application/json." };
  }
  const encoding = header("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    return { status: 415, error: "content-encoding should be identity: send it as it is." };
  }
  const length = header("content-length");
  if (length === null || length === undefined) {
    if (header("transfer-encoding")) return undefined;
    return { status: 411, error: "content-length is missing." };
  }
  return Number(length) > requestMaxBytes ? tooLarge : undefined;
}

export const tooLarge: IngestAnswer = {
  status: 413,
  error: `The body should have ${requestMaxBytes} bytes at most: send less at once.`,
};

export function answerBody({ error, body }: IngestAnswer): string {
  if (body) return JSON.stringify(body);
  return error === undefined ? "" : JSON.stringify({ error });
}

export function answerHeaders(answer: IngestAnswer): Record<string, string> {
  const { status, retryAfter, error, body } = answer;
  return {
    ...((body || error !== undefined) && { "content-type": "application/json" }),
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    ...(status === 405 && { allow: "POST, DELETE" }),
  };
}
