/** A payload as sinks of other shapes read it. */
export interface SinkPayload {
  batchId: string;
  context: { anonymousId: string | null; [name: string]: unknown };
  meta: Record<string, unknown>;
  events: PayloadEvent[];
}

export interface PayloadEvent {
  id: string;
  eventName: string;
  timestamp: string;
  sampleRate?: number;
  firstOf?: { day: boolean; week: boolean; month: boolean };
  fields: Record<string, unknown>;
}

export function readPayload(body: string): SinkPayload {
  return JSON.parse(body) as SinkPayload;
}
