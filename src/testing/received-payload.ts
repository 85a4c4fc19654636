import { isRecord } from "../support/files.ts";
import type { ReceivedEvent } from "./received-event.ts";

/** A request's JSON; what is missing, or no JSON at all, is empty. */
export interface ReceivedPayload {
  schemaVersion?: number;
  definitions?: string;
  batchId?: string;
  context: Record<string, unknown>;
  meta: Record<string, unknown>;
  events: ReceivedEvent[];
}

export function parsePayload(body: string): ReceivedPayload {
  const empty: ReceivedPayload = { context: {}, meta: {}, events: [] };
  try {
    const payload: unknown = JSON.parse(body);
    return isRecord(payload) ? { ...empty, ...payload } : empty;
  } catch {
    return empty;
  }
}
