import { type ClickHouse, rowsOf } from "./client.ts";
import { type Layout, localEvents, migrations, migrationsTable, onCluster, ttl } from "./schema.ts";

/**
 * Makes the tables, or brings them to this version's. Several collectors may do so at once: no
 * statement minds that another has run it.
 */
export async function migrate(client: ClickHouse, layout: Layout): Promise<void> {
  await client.command({ query: migrationsTable(layout) });
  const [row] = await rowsOf(client, "SELECT max(number) AS last FROM migrations");
  const last = Number(row?.last ?? 0);
  for (const [index, statements] of migrations(layout).entries()) {
    const number = index + 1;
    if (number > last) {
      for (const query of statements) {
        await client.command({ query });
      }
      await client.command({ query: `INSERT INTO migrations VALUES (${number}, now())` });
    }
  }
  if (layout.flavor === "current") {
    await keepRetention(client, layout);
  }
}

/** The setting may have changed since the table was made. */
async function keepRetention(client: ClickHouse, layout: Layout): Promise<void> {
  const table = localEvents(layout);
  const [row] = await rowsOf(
    client,
    `SELECT create_table_query AS text FROM system.tables
     WHERE database = currentDatabase() AND name = '${table}'`,
  );
  const wanted = ttl(layout.retentionDays);
  if (!String(row?.text).includes(wanted)) {
    await client.command({
      query: `ALTER TABLE ${table}${onCluster(layout)} MODIFY TTL ${wanted}`,
    });
  }
}
