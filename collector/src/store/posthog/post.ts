import type { EventRow } from "../../rows/row.ts";
import { batchOf } from "./batch.ts";
import type { PosthogSettings } from "./settings.ts";

export type Outcome =
  | { is: "taken" }
  /** Never taken as it is: too large, or no batch to PostHog. */
  | { is: "refused"; why: string }
  | { is: "later"; why: string; afterMs: number | undefined };

/** One request, without a retry. */
export async function post(
  rows: readonly EventRow[],
  { host, apiKey, timeout = 30_000 }: PosthogSettings,
  stop: AbortSignal,
): Promise<Outcome> {
  // Of `AbortSignal.timeout` inside of `any` Node 20 keeps nothing: collected, it never fires.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer in ${timeout} ms`)), timeout);
  try {
    const response = await fetch(new URL("/batch/", host), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: batchOf(rows, apiKey),
      redirect: "error",
      signal: AbortSignal.any([late.signal, stop]),
    });
    await response.arrayBuffer();
    return outcomeOf(response.status, response.headers.get("retry-after"));
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return { is: "later", why: `PostHog at ${host}: ${why}`, afterMs: undefined };
  } finally {
    clearTimeout(timer);
  }
}

function outcomeOf(status: number, retryAfter: string | null): Outcome {
  if (status >= 200 && status < 300) {
    return { is: "taken" };
  }
  const isKey = status === 401 || status === 403;
  const why = `PostHog answered ${status}${isKey ? ": is the key in --store the project's?" : ""}`;
  if (status === 400 || status === 413 || status === 422) {
    return { is: "refused", why };
  }
  const seconds = Number(retryAfter);
  return { is: "later", why, afterMs: retryAfter && seconds > 0 ? seconds * 1000 : undefined };
}
