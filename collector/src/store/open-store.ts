import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkFolder } from "../config/folder.ts";
import type { Settings } from "../config/settings.ts";
import { SettingsError, ToldError } from "../config/told-error.ts";
import { firstLine } from "./clickhouse/client.ts";
import { nameOf } from "./clickhouse/settings.ts";
import { posthogAddress } from "./posthog/settings.ts";
import type { Store } from "./store.ts";

export type StoreSettings = Pick<
  Settings,
  "memoryLimit" | "threads" | "walSize" | "queueSize" | "retentionDays" | "cluster"
> & { onError(error: Error): void };

/** Opens what a `--store` names; each engine's code is loaded only where it is used. */
export async function openStore(where: string, settings: StoreSettings): Promise<Store> {
  const { memoryLimit, threads, walSize, queueSize, retentionDays, cluster, onError } = settings;
  const [kind, rest] = partsOf(where);
  switch (rest && kind) {
    case "duckdb": {
      const { openDuckDb } = await import("./duckdb/store.ts");
      return openDuckDb({
        file: rest,
        memoryLimit,
        walSize,
        journalSize: queueSize,
        retentionDays,
        onError,
        ...(threads !== undefined && { threads }),
      });
    }
    case "clickhouse": {
      const { openClickHouse } = await import("./clickhouse/node.ts");
      return openClickHouse(
        { url: rest },
        { retentionDays, onError, ...(cluster !== undefined && { cluster }) },
      ).catch((error: Error) => {
        if (error instanceof ToldError) throw error;
        throw new ToldError(
          `${nameOf({ url: rest })}: ${firstLine(error)}: is the server there, its database made, and may the user make tables?`,
          { cause: error },
        );
      });
    }
    case "posthog": {
      const { openPosthog } = await import("./posthog/store.ts");
      return openPosthog({ ...posthogAddress(rest), queueSize, onError });
    }
    default:
      throw new SettingsError(
        `${where} is no store: say duckdb:FILE, clickhouse:URL or posthog:URL.`,
      );
  }
}

/** The folder in which a collector keeps what belongs to its store; null where it has no files. */
export function folderOf(stores: readonly string[]): { folder: string; base: string } | null {
  const file = stores.map(partsOf).find(([kind]) => kind === "duckdb")?.[1];
  return file ? { folder: dirname(resolve(file)), base: resolve(file) } : null;
}

/** @param instead as for `checkFolder`. @throws ToldError where a store's file can't be. */
export function checkPlace(stores: readonly string[], instead: string): void {
  const place = folderOf(stores);
  if (!place) return;
  checkFolder(place.folder, instead);
  if (statSync(place.base, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ToldError(`${place.base} is a folder: name a file in it.`);
  }
}

function partsOf(where: string): [kind: string, rest: string] {
  const colon = where.indexOf(":");
  return [where.slice(0, colon), where.slice(colon + 1)];
}
