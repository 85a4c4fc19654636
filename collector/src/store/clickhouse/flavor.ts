import { type ClickHouse, rowsOf } from "./client.ts";

/**
 * `current`: 23.8 and later. `legacy`: before, down to the 18.16 that Debian has: no typed
 * parameters, `DateTime64`, `LowCardinality`, `Bool`, JSON functions, asynchronous inserts or TTL.
 */
export type Flavor = "current" | "legacy";

export async function flavorOf(client: ClickHouse): Promise<Flavor> {
  const [row] = await rowsOf(client, "SELECT version() AS version");
  return flavorOfVersion(String(row?.version));
}

export function flavorOfVersion(version: string): Flavor {
  const [year = 0, month = 0] = version.split(".").map(Number);
  return year > 23 || (year === 23 && month >= 8) ? "current" : "legacy";
}
