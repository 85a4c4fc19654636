import { SettingsError } from "../../config/told-error.ts";

/** How the tables of a ClickHouse store are made. */
export interface ClickHouseSettings {
  /** For logs and messages, without secrets: `clickhouse:http://localhost:8123/telemetry`. */
  name: string;
  /**
   * Days, 32 at least; daily aggregates stay.
   * @default 90
   */
  retentionDays?: number;
  /**
   * A cluster's name in the server's `remote_servers`: tables are made `ON CLUSTER`, replicated, and
   * events are spread over its shards by their id. Servers need the macros `shard` and `replica`.
   */
  cluster?: string;
  /**
   * Make and upgrade tables at the start, read what was erased. A worker that starts anew at every
   * request has them made by another collector.
   * @default true
   */
  migrate?: boolean;
  /** Told what went wrong in the background; the store tries again by itself. */
  onError?: (error: Error) => void;
}

/** Of the connection; user and password may stand in the address. */
export interface ClickHouseAddress {
  /** `http://user:password@localhost:8123/database`. */
  url: string;
  username?: string;
  password?: string;
  database?: string;
}

/** The clients' `ClickHouseLogLevel.OFF`. */
const OFF = 127 as const;

/**
 * What both clients are made with. Collectors log by themselves.
 * @throws SettingsError for an address that is none.
 */
export function connectionOf(address: ClickHouseAddress) {
  const { protocol } = URL.canParse(address.url) ? new URL(address.url) : {};
  if (protocol !== "http:" && protocol !== "https:") {
    throw new SettingsError(
      "clickhouse: that is no address: say clickhouse:http://user:password@localhost:8123/database.",
    );
  }
  return { ...address, application: "sendoff-collector", log: { level: OFF } };
}

/** Without secrets. */
export function nameOf({ url }: ClickHouseAddress): string {
  const { protocol, host, pathname } = new URL(url);
  return `clickhouse:${protocol}//${host}${pathname}`;
}
