import type { State } from "../consent/index.ts";
import { requestsOf } from "../flush/payload.ts";
import {
  type Batch,
  isSealed,
  leftFor,
  listSpool,
  parseBatch,
  type Request,
  readBatch,
  readLines,
} from "../spool/index.ts";
import { sinkKey } from "../support/sinks.ts";
import type { Access } from "./access.ts";
import { pausedUntil } from "./sinks.ts";
import { ago, moment } from "./terminal.ts";

/** A batch in the spool, as somebody may look at it. Looking changes nothing. */
export interface WaitingBatch {
  batchId: string;
  /** Its build still runs. */
  isOpen: boolean;
  /** By the notice that its run showed. */
  isHeld: boolean;
  /** ISO 8601: when it was written. */
  since: string;
  /** Exactly what is, or would now be, sent; of a batch that is partly delivered, what is left. */
  requests: Request[];
}

/** Oldest first. What can't be read (torn, or of a newer version) is left out. */
export function waitingBatches(spool: string): WaitingBatch[] {
  return listSpool(spool).flatMap((entry) => {
    if (entry.kind === "draft") return [];
    const parsed = readBatch(entry.file);
    if (parsed.is !== "batch") return [];
    const { batch } = parsed;
    return {
      batchId: entry.batchId,
      isOpen: entry.kind === "open",
      isHeld: batch.heldSince !== undefined && !isSealed(batch),
      since: new Date(entry.changedAt).toISOString(),
      requests: isSealed(batch) ? leftOf(batch) : requestsOf(batch),
    };
  });
}

function leftOf(batch: Parameters<typeof leftFor>[0]): Request[] {
  const left = batch.sinks.flatMap((sink) => leftFor(batch, sinkKey(sink)));
  return [...new Map(left.map((request) => [request.id, request])).values()];
}

/** What local mode has kept, as it would have been sent. */
export function keptLocally(file: string): Request[] {
  return readLines<Batch>(file).flatMap((line) => {
    const parsed = parseBatch(JSON.stringify(line));
    return parsed.is === "batch" && !isSealed(parsed.batch) ? requestsOf(parsed.batch) : [];
  });
}

/** In words, for somebody who looks: of one batch after the other. */
export function whenSent(access: Access, state: State): (batch: WaitingBatch) => string {
  const pause = pausedUntil(access);
  const next = pause === undefined ? "" : ` after ${moment(pause)}: the last attempt failed`;
  return ({ isHeld, isOpen, since }) => {
    if (isOpen) return "its build still runs";
    const written = `written ${ago(Date.parse(since))}`;
    if (state !== "on") return `${written}; not sent while telemetry is ${state}`;
    return isHeld
      ? `${written}; held back until the next run`
      : `${written}; sent with the next build${next}`;
  };
}
