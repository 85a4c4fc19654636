import { hash128 } from "../support/hash.ts";
import type { PosthogSink } from "../support/sinks.ts";
import { httpSink } from "./http.ts";
import { readPayload } from "./payload.ts";
import type { Sink } from "./sink.ts";

/**
 * PostHog's batch API: anonymous events, for which it keeps no person profile and looks up no
 * place. The event's id travels as `uuid`, so that a repeat is counted once.
 */
export function posthogSink(options: PosthogSink): Sink {
  const http = httpSink({ type: "http", url: new URL("/batch/", options.host).href });
  return {
    deliver({ id, body }, timeoutMs) {
      return http.deliver({ id, body: batchOf(body, options.apiKey) }, timeoutMs);
    },
    probe: http.probe,
  };
}

export function batchOf(body: string, apiKey: string): string {
  const { batchId, context, meta, events } = readPayload(body);
  return JSON.stringify({
    api_key: apiKey,
    batch: events.map(({ id, eventName, timestamp, fields, sampleRate, firstOf }) => ({
      event: eventName,
      uuid: uuidOf(id),
      timestamp,
      properties: {
        ...context,
        ...meta,
        ...fields,
        ...(sampleRate !== undefined && { sampleRate }),
        ...(firstOf && { firstOf }),
        // Without an id of the installation, each batch is somebody of its own.
        distinct_id: context.anonymousId ?? batchId,
        $process_person_profile: false,
        $geoip_disable: true,
        $ip: null,
      },
    })),
  });
}

/** A rollup's id is its day's and its name; PostHog refuses a whole batch for what is no UUID. */
function uuidOf(id: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  return hash128(id).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-8$3-8$4-$5");
}
