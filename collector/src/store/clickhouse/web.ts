import { createClient } from "@clickhouse/client-web";
import type { Store } from "../store.ts";
import type { ClickHouse } from "./client.ts";
import {
  type ClickHouseAddress,
  type ClickHouseSettings,
  connectionOf,
  nameOf,
} from "./settings.ts";
import { openStore } from "./store.ts";

/**
 * On Bun, Deno and workers, over `fetch`.
 * @throws Error where the server doesn't answer, or the tables can't be made.
 */
export function openClickHouse(
  address: ClickHouseAddress,
  settings: Omit<ClickHouseSettings, "name"> = {},
): Promise<Store> {
  const client = createClient(connectionOf(address));
  return openStore(client as unknown as ClickHouse, { ...settings, name: nameOf(address) });
}
