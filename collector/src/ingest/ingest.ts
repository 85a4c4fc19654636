import { isRecord } from "../../../src/support/files.ts";
import type { Products } from "../definitions/products.ts";
import type { Tally } from "../metrics/tally.ts";
import type { Bans } from "../rates/bans.ts";
import type { Rates } from "../rates/rates.ts";
import type { EventRow } from "../rows/row.ts";
import { type Store, StoreBusyError } from "../store/store.ts";
import { acceptPayload } from "./accept-payload.ts";
import type { IngestAnswer } from "./answer.ts";
import { hashOf } from "./row-of.ts";

export interface Ingest {
  /** @param body as it came, UTF-8; not longer than a request may be. */
  post(body: string, source: string): Promise<IngestAnswer>;
  erase(body: string, source: string): Promise<IngestAnswer>;
  /** Counts what a server has answered without handing a body over. @returns the answer. */
  refuse(method: string, answer: IngestAnswer): IngestAnswer;
}

export interface IngestParts {
  products: Products;
  store: Store;
  rates: Rates;
  bans: Bans | undefined;
  tally: Tally;
  /** Versions that are to be silent, as `acme@1.2.3`. */
  stopped: ReadonlySet<string>;
  /** Before an erasure is answered. */
  onErased?(): void;
  /** Told what went wrong, without a request's content. */
  onError(error: Error): void;
  now(): Date;
}

/** Taken and durable; nothing more is said to clients. */
const accepted: IngestAnswer = { status: 202 };

/**
 * What becomes of a request's body: from the rates over the allowlist to the store. It knows no HTTP
 * but the statuses, so that every server is the same one.
 */
export function createIngest(parts: IngestParts): Ingest {
  const { products, store, rates, bans, tally, stopped, onError, now } = parts;

  /** Waits without what it has read: hundreds of requests wait, and each garbage collection copies it. */
  function post(body: string, source: string): Promise<IngestAnswer> {
    const taken = take(body, source);
    if ("status" in taken) return Promise.resolve(taken);
    const { name } = taken;
    return store.write(taken.rows).then((result) => {
      tally.wrote(name, result);
      return accepted;
    });
  }

  function take(body: string, source: string): IngestAnswer | { name: string; rows: EventRow[] } {
    const at = now();
    const wait = rates.request(source, at.getTime());
    if (wait > 0) return tooMany(wait);
    const input = parsed(body);
    if (input === undefined) return { status: 400, error: "The body is not JSON." };
    const acceptance = acceptPayload(products, input, at);
    if ("refusal" in acceptance) return { status: 422, error: acceptance.refusal };
    const { rows, dropped, product, version, anonymousId } = acceptance;
    if (stopped.has(`${product.name}@${version}`)) {
      return { status: 410, error: "This version is asked to send no more." };
    }
    if (acceptance.place === "installation" && anonymousId !== null) {
      if (bans?.has(anonymousId)) {
        tally.banned();
        return accepted;
      }
      const idWait = rates.installation(anonymousId, at.getTime());
      if (idWait > 0) return tooMany(idWait);
    }
    tally.dropped(dropped);
    if (rows.length === 0) return accepted;
    return { name: product.name, rows };
  }

  async function erase(body: string, source: string): Promise<IngestAnswer> {
    const at = now();
    const wait = Math.max(rates.request(source, at.getTime()), rates.erasure(source, at.getTime()));
    if (wait > 0) return tooMany(wait);
    const input = parsed(body);
    if (input === undefined) return { status: 400, error: "The body is not JSON." };
    const id = isRecord(input) ? input.anonymousId : undefined;
    if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id)) {
      return { status: 422, error: "anonymousId should be 64 hexadecimal digits." };
    }
    const { goneBy } = await store.erase(hashOf(id), at);
    parts.onErased?.();
    return { status: 200, body: { erased: true, goneBy: goneBy?.toISOString() ?? null } };
  }

  const answering =
    (what: "ingest" | "erase", handle: Ingest["post"]): Ingest["post"] =>
    (body, source) => {
      const startedAt = performance.now();
      const answered = (answer: IngestAnswer) => {
        tally.answered(what, answer.status, (performance.now() - startedAt) / 1000);
        return answer;
      };
      return begun(handle, body, source).then(answered, (error: Error) => {
        if (!(error instanceof StoreBusyError)) onError(error);
        const retryAfter = error instanceof StoreBusyError ? error.retryAfterSeconds : 60;
        return answered({ status: 503, retryAfter, error: "Not now: send it again later." });
      });
    };

  return {
    post: answering("ingest", post),
    erase: answering("erase", erase),
    refuse(method, answer) {
      tally.refused(method === "DELETE" ? "erase" : "ingest", answer.status);
      return answer;
    },
  };
}

function begun(handle: Ingest["post"], body: string, source: string): Promise<IngestAnswer> {
  try {
    return handle(body, source);
  } catch (error) {
    return Promise.reject(error);
  }
}

function tooMany(retryAfter: number): IngestAnswer {
  return { status: 429, retryAfter, error: "Too many requests: send it again later." };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
