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

/** Without secrets. */
export function nameOf({ url }: ClickHouseAddress): string {
  const { protocol, host, pathname } = new URL(url);
  return `clickhouse:${protocol}//${host}${pathname}`;
}
