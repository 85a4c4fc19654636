import { isRecord } from "./files.ts";

/**
 * What somebody writes by hand, in a policy, in package.json or in the preferences: `{ "telemetry":
 * false }`, or `{ "telemetry": { "enabled": false } }`. Anything but `true` and nothing is a no.
 */
export function shortForm({ telemetry }: Record<string, unknown>): unknown {
  return isRecord(telemetry) ? telemetry.enabled : telemetry;
}

export function saysNo(choice: unknown): boolean {
  return choice !== undefined && choice !== true;
}
