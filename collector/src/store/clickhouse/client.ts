/**
 * What this store uses of `@clickhouse/client` and `@clickhouse/client-web`, which differ in the
 * streams they answer with, and in nothing that matters here.
 */
export interface ClickHouse {
  query(query: {
    query: string;
    format: "JSONCompactEachRowWithNamesAndTypes" | "JSONCompact" | "JSONEachRow";
    query_params?: Record<string, unknown>;
    query_id?: string;
    abort_signal?: AbortSignal;
    clickhouse_settings?: Settings;
  }): Promise<{
    stream(): AsyncIterable<{ json(): unknown }[]>;
    json(): Promise<unknown>;
  }>;
  insert(insert: {
    table: string;
    values: readonly object[];
    format: "JSONEachRow";
    clickhouse_settings?: Settings;
  }): Promise<unknown>;
  command(command: { query: string; clickhouse_settings?: Settings }): Promise<unknown>;
  close(): Promise<void>;
}

export type Settings = Record<string, string | number>;

/** @returns rows as objects; 64-bit numbers may be texts. */
export async function rowsOf(
  client: ClickHouse,
  query: string,
): Promise<Record<string, unknown>[]> {
  const result = await client.query({ query, format: "JSONEachRow" });
  return (await result.json()) as Record<string, unknown>[];
}

/** Servers add where in their sources it was. */
export function firstLine(error: unknown): string {
  return (error as Error).message.split("\n", 1)[0]?.slice(0, 300) ?? "";
}
