import type { EventSet } from "../events/define.ts";
import type { TelemetryOptions } from "./options.ts";
import { resolveOptions } from "./resolve-options.ts";
import { Telemetry } from "./tracker.ts";

/**
 * One tracker a name and process, however many copies of this module there are (ESM and CommonJS,
 * bundled into a product twice). The key carries the API's major version.
 */
const key = Symbol.for("sendoff.telemetry.v1");

type Registry = Map<string, Telemetry>;

/** @throws TypeError for an option that can't be, naming it and what it takes. */
export function createTelemetry<const Events extends EventSet>(
  options: TelemetryOptions<Events>,
): Telemetry<Events> {
  const resolved = resolveOptions(options as unknown as TelemetryOptions);
  const registry = trackers();
  const existing = registry.get(resolved.name);
  if (existing) return existing as unknown as Telemetry<Events>;
  const telemetry = new Telemetry(resolved);
  registry.set(resolved.name, telemetry);
  return telemetry as unknown as Telemetry<Events>;
}

/** The tracker of that name in this process, if it has been created. */
export function getTelemetry(name: string): Telemetry | undefined {
  return trackers().get(name);
}

function trackers(): Registry {
  const shared = globalThis as { [key]?: Registry };
  shared[key] ??= new Map();
  return shared[key];
}
