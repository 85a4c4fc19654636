import type { ErrorAnswer } from "../../../src/query/api.ts";
import { createLimiter } from "./limiter.ts";
import { createStore } from "./store.ts";
import { storedToken } from "./token.ts";

/** Questions to the collector's API, below the address that the page came from. */

/** `locked`: it wants a token, or another one; `gone`: nobody answers. */
export type Connection = "fine" | "locked" | "gone";
export const connection = createStore<Connection>("fine");

/** Grows when everything is to be asked again. */
export const generation = createStore(0);

export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const base = new URL("../api/v1/", document.baseURI);
const limited = createLimiter(2);

/** ISO 8601: what came in until then is on the page. */
export const asOf = createStore<string | undefined>(undefined);

/**
 * @param question path and parameters below `/api/v1/`: `query?product=acme&by=day`.
 * @param isRenewal for one that has been asked before: what the collector keeps is not enough.
 */
export function ask<T>(question: string, signal: AbortSignal, isRenewal: boolean): Promise<T> {
  return limited(async () => {
    const answer = await (await get(question, signal, isRenewal)).json();
    if (typeof answer.asOf === "string") asOf.set(answer.asOf);
    return answer as T;
  }, signal);
}

/** The same as a file, under the name that the collector gives it. */
export async function download(question: string, name: string): Promise<void> {
  const answer = await get(question, new AbortController().signal);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  // The browser has to have begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function get(question: string, signal: AbortSignal, isRenewal = false): Promise<Response> {
  const token = storedToken();
  const headers: HeadersInit = token === null ? {} : { authorization: `Bearer ${token}` };
  // Nothing is in the browser's cache: the collector forbids it. `no-store` asks for a renewal.
  const cache = isRenewal ? "no-store" : "default";
  let answer: Response;
  try {
    answer = await fetch(new URL(question, base), { headers, signal, cache });
  } catch (error) {
    if (!signal.aborted) connection.set("gone");
    throw error;
  }
  if (answer.status === 502) connection.set("gone");
  else if (answer.status === 401) connection.set("locked");
  else connection.set("fine");
  if (!answer.ok) throw new AnswerError(answer.status, await messageOf(answer));
  return answer;
}

async function messageOf(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as ErrorAnswer).error;
  } catch {
    return `The collector answered ${answer.status}.`;
  }
}

/** Is it back? Asked every few seconds while it is gone. */
export function watchForReturn(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = 2_000;
  async function probe(): Promise<void> {
    try {
      await get("products", AbortSignal.timeout(5_000));
      generation.set(generation.get() + 1);
    } catch {
      pause = Math.min(pause * 1.5, 30_000);
      timer = setTimeout(probe, pause);
    }
  }
  const stop = connection.subscribe(() => {
    if (connection.get() !== "gone") return;
    pause = 2_000;
    clearTimeout(timer);
    timer = setTimeout(probe, pause);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
