import type { EventRow } from "../../rows/row.ts";

/**
 * PostHog's batch API: anonymous events, for which it keeps no person profile and looks up no place.
 * The event's id travels as `uuid`, so that a repeat is counted once there.
 */
export function batchOf(rows: readonly EventRow[], apiKey: string): string {
  return JSON.stringify({ api_key: apiKey, batch: rows.map(eventOf) });
}

function eventOf(row: EventRow) {
  const { id, eventName, timestamp, meta, build, fields, product, place, sampleRate } = row;
  return {
    event: eventName,
    uuid: id,
    timestamp: new Date(timestamp).toISOString(),
    properties: {
      ...present({ product, place, sampleRate, ...meta, ...build }),
      ...fields,
      projectHash: row.projectHash,
      // Without an id of the installation, each event is somebody of its own.
      distinct_id: row.anonymousId ?? id,
      $session_id: row.sessionId,
      $process_person_profile: false,
      $geoip_disable: true,
      $ip: null,
    },
  };
}

function present(properties: object): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}
