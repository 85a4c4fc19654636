import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { startBuilt, until } from "./built.ts";

test("SIGTERM in the middle of a request: it is answered, it is stored, and nothing new is taken", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sendoff-stop-"));
  const events = join(folder, "acme.schema.json");
  writeFileSync(events, JSON.stringify(schemaOf()));
  const file = join(folder, "telemetry.duckdb");
  const first = await startBuilt(`duckdb:${file}`, { events: [events] });
  onTestFinished(async () => {
    await first.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const body = JSON.stringify(requestOf(productOf()));
  const socket = connect(first.port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(
    [
      "POST /v1/events HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Expect: 100-continue",
      "",
      body.slice(0, 100),
    ].join("\r\n"),
  );
  // It has said that it waits for the rest.
  await once(socket, "data");
  const stopped = first.stop();
  await until(() =>
    fetch(`${first.url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  socket.write(body.slice(100));
  await once(socket, "close");
  expect(answer).toMatch(/HTTP\/1\.1 202 /);
  expect((await stopped).exitCode).toBe(0);

  const kept = await openDuckDb({ file });
  const [row] = (await kept.reader?.rows("SELECT count(*) AS events FROM events")) ?? [];
  await kept.close();
  expect(Number(row?.events)).toBe(1);
});
