import { createServer } from "node:http";
import { Session } from "chdb";

/**
 * The engine of chdb behind ClickHouse's HTTP interface, as much of it as `@clickhouse/client` uses:
 * statements, typed parameters, settings, inserts, streamed results, KILL QUERY. A process of its
 * own, so that it can be killed while collectors write.
 *
 * `node chdb-server.mjs <folder> <port>`; says `ready` when it listens.
 */
const [folder, port] = process.argv.slice(2);

/** As many statements at a time; each session keeps what was set in it. */
const SESSIONS = 8;
const free = Array.from({ length: SESSIONS }, () => ({ session: new Session(folder), set: [] }));
const waiting = [];

/** Parameters of the interface that are no settings of the engine. */
const OWN = new Set([
  "query",
  "query_id",
  "default_format",
  "database",
  "session_id",
  "enable_http_compression",
  "wait_end_of_query",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
]);

// Parameters stand in the address, which may be as long as the engine's own server takes it.
const server = createServer({ maxHeaderSize: 1_048_576 }, async (request, response) => {
  const { searchParams } = new URL(request.url, "http://localhost");
  let body = "";
  request.setEncoding("utf8");
  for await (const text of request) {
    body += text;
  }
  const statement = searchParams.get("query");
  const text = statement === null ? body : `${statement}\n${body}`;
  if (!text.trim()) {
    response.end("Ok.\n");
    return;
  }
  const place = free.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
  try {
    await run(place, searchParams, text, response);
  } catch (error) {
    if (!response.headersSent) {
      response.statusCode = 500;
    }
    response.end(error.message);
  } finally {
    const next = waiting.shift();
    next ? next(place) : free.push(place);
  }
});

async function run(place, parameters, text, response) {
  const set = new Map();
  for (const [name, value] of parameters) {
    if (!OWN.has(name)) {
      set.set(name, value);
    }
  }
  // The engine names its statements by itself; by this one they are found.
  const id = parameters.get("query_id");
  set.set("log_comment", id ?? "");
  const reset = place.set.filter((name) => !set.has(name)).map((name) => `SET ${name} = DEFAULT`);
  place.set = [...set.keys()].filter((name) => !name.startsWith("param_"));
  const statements = [
    ...reset,
    ...[...set].map(([name, value]) => `SET ${name} = ${quoted(value)}`),
  ];
  statements.push(`USE ${parameters.get("database") ?? "default"}`);
  await place.session.queryAsync(statements.join("; "));
  const statement = text.replace(/WHERE query_id = '/, "WHERE Settings['log_comment'] = '");
  const format = parameters.get("default_format") ?? "TabSeparated";
  response.setHeader("x-clickhouse-query-id", id ?? "");
  if (!/^\s*(?:SELECT|WITH)\b/i.test(statement)) {
    const result = await place.session.queryAsync(statement, format);
    response.end(result.bytes());
    return;
  }
  const inside = statement.replace(/\s*\bFORMAT (\w+)\s*$/, "");
  const named = /\bFORMAT (\w+)\s*$/.exec(statement)?.[1];
  const options = { format: named ?? format };
  let isFirst = true;
  for await (const chunk of place.session.queryStream(inside, options)) {
    const bytes = Buffer.from(chunk.raw());
    // The engine begins every piece with names and types; a server does so once.
    const isAgain = !isFirst && options.format.endsWith("WithNamesAndTypes");
    isFirst = false;
    if (!response.write(isAgain ? bytes.subarray(afterLines(bytes, 2)) : bytes)) {
      await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    if (response.destroyed) {
      break;
    }
  }
  response.end();
}

function afterLines(bytes, lines) {
  let at = 0;
  for (let line = 0; line < lines; line += 1) {
    at = bytes.indexOf("\n", at) + 1;
  }
  return at;
}

function quoted(text) {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

server.listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
