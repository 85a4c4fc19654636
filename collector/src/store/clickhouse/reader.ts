import type { FieldColumns } from "../field-columns.ts";
import type { Parameters, Reader, ReadRow } from "../store.ts";
import type { ClickHouse, Settings } from "./client.ts";
import { clickHouseDialect } from "./dialect.ts";
import { bind } from "./marks.ts";
import type { Layout } from "./schema.ts";

/** What other engines do without being told. */
export const SETTINGS: Settings = {
  // NULL as text is NULL; an alias doesn't hide the column it is named after.
  cast_keep_nullable: 1,
  prefer_column_name_to_alias: 1,
  join_use_nulls: 1,
  // A repeat is of the same day, so in the same partition.
  do_not_merge_across_partitions_select_final: 1,
  // An error in the middle is no row.
  http_write_exception_in_output_format: 0,
};

/** @param layout known once the server has told its version. */
export function clickHouseReader(
  client: ClickHouse,
  layout: Pick<Layout, "flavor" | "cluster">,
  columns?: FieldColumns,
): Reader {
  const run = layout.flavor === "current" ? currentRows : legacyRows;
  async function* stream(sql: string, parameters: Parameters = {}, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const query_id = crypto.randomUUID();
    // Closing the connection is not enough: the engine may look for it only when it has a result.
    const kill = () => {
      client.command({ query: `KILL QUERY WHERE query_id = '${query_id}' ASYNC` }).catch(() => {});
    };
    signal?.addEventListener("abort", kill);
    try {
      const { query, parameters: query_params } = bind(sql, parameters, layout.flavor);
      const options = { query, query_id, ...(signal && { abort_signal: signal }) };
      for await (const rows of run(client, { ...options, query_params })) {
        signal?.throwIfAborted();
        yield rows;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", kill);
    }
  }
  return {
    dialect: clickHouseDialect(layout, columns),
    async rows(sql, parameters, signal) {
      const rows: ReadRow[] = [];
      for await (const some of stream(sql, parameters, signal)) {
        // Not by spreading: a piece's rows would be arguments.
        for (const row of some) {
          rows.push(row);
        }
      }
      return rows;
    },
    stream,
  };
}

interface Query {
  query: string;
  query_id: string;
  query_params: Record<string, unknown>;
  abort_signal?: AbortSignal;
}

async function* currentRows(client: ClickHouse, query: Query): AsyncGenerator<ReadRow[]> {
  const result = await client.query({
    ...query,
    format: "JSONCompactEachRowWithNamesAndTypes",
    clickhouse_settings: SETTINGS,
  });
  let names: string[] | undefined;
  let types: string[] | undefined;
  for await (const lines of result.stream()) {
    const rows: ReadRow[] = [];
    for (const line of lines) {
      const values = line.json() as unknown[];
      if (!names) {
        names = values as string[];
      } else if (!types) {
        types = values as string[];
      } else {
        rows.push(rowOf(names, types, values));
      }
    }
    if (rows.length > 0) {
      yield rows;
    }
  }
}

/** Its formats that are read line by line tell no types. */
const PIECE = 1000;

async function* legacyRows(
  client: ClickHouse,
  { query_params: _, ...query }: Query,
): AsyncGenerator<ReadRow[]> {
  const result = await client.query({ ...query, format: "JSONCompact" });
  const { meta, data } = (await result.json()) as {
    meta: { name: string; type: string }[];
    data: unknown[][];
  };
  const names = meta.map(({ name }) => name);
  const types = meta.map(({ type }) => type);
  for (let at = 0; at < data.length; at += PIECE) {
    yield data.slice(at, at + PIECE).map((values) => rowOf(names, types, values));
  }
}

function rowOf(names: string[], types: string[], values: unknown[]): ReadRow {
  const row: ReadRow = {};
  for (const [index, name] of names.entries()) {
    row[name] = plain(values[index], types[index] as string);
  }
  return row;
}

/** Texts of numbers of 64 bits as numbers; `hash` has a form of its own, `Dialect.value`. */
function plain(value: unknown, type: string): string | number | boolean | null {
  if (typeof value === "string") {
    if (/^(?:Nullable\()?(?:U?Int|Float|Decimal)/.test(type)) {
      return Number(value);
    }
    return type.startsWith("Nullable(Enum8('false'") ? value === "true" : value;
  }
  return value as ReadRow[string];
}
