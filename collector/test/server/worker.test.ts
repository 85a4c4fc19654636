import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToken } from "../../src/auth/tokens.ts";
import { type Engine, startChdb } from "../engines/servers.ts";
import { hexId, productOf, requestOf, schemaOf } from "../ingest/payloads.ts";

/** The built worker in workerd, as whoever deploys it bundles it, over a real ClickHouse. */

interface Workerd {
  ready: Promise<URL>;
  setOptions(options: object): Promise<void>;
  getWorker(): Promise<{ scheduled(): Promise<{ outcome: string }> }>;
  dispose(): Promise<void>;
}

const { token, hash } = createToken();
const program = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));

let folder: string;
let engine: Engine;
let workerd: Workerd;
let url: string;
let options: object;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sendoff-worker-"));
  engine = await startChdb(join(folder, "clickhouse"));
  options = {
    modules: [{ type: "ESModule", path: "worker.mjs", contents: await bundledWorker() }],
    compatibilityDate: "2025-09-01",
    compatibilityFlags: ["nodejs_compat"],
    bindings: {
      SENDOFF_COLLECTOR_STORE: `clickhouse:${engine.url}`,
      SENDOFF_COLLECTOR_TOKEN: hash,
      SENDOFF_COLLECTOR_K: "2",
    },
    cf: false,
  };
  // Installed by the setup of the engines, and known to no package here.
  const engines = new URL("../engines/node_modules/", import.meta.url);
  const miniflare = new URL("miniflare/dist/src/index.js", engines);
  const { Miniflare } = (await import(/* @vite-ignore */ miniflare.href)) as {
    Miniflare: new (options: object) => Workerd;
  };
  workerd = new Miniflare(options);
  url = (await workerd.ready).origin;
}, 120_000);
afterAll(async () => {
  await workerd?.dispose();
  await engine?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function bundledWorker(): Promise<string> {
  const input = join(folder, "index.mjs");
  writeFileSync(join(folder, "acme.schema.json"), JSON.stringify(schemaOf()));
  writeFileSync(
    input,
    `import { createWorker } from ${JSON.stringify(program)};
     import acme from "./acme.schema.json";
     export default createWorker([acme]);`,
  );
  const build = await rolldown({
    input,
    platform: "browser",
    external: /^node:/,
    resolve: { conditionNames: ["workerd", "worker", "browser", "import"] },
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  expect(output).toHaveLength(1);
  return output[0].code;
}

const json = { "content-type": "application/json" };
const ask = (method: string, body: string, headers: Record<string, string> = json) =>
  fetch(`${url}/v1/events`, { method, headers, body });
const post = (body: object) => ask("POST", JSON.stringify(body));
const builds = async () => {
  const answer = await fetch(`${url}/api/v1/query?product=acme&measure=builds`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { rows: unknown[][] }).rows[0]?.[0];
};

test("asks clients to wait until its cron trigger has made the tables", async () => {
  const answer = await post(requestOf(productOf()));
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await (await workerd.getWorker()).scheduled()).toMatchObject({ outcome: "ok" });
  expect((await post(requestOf(productOf()))).status).toBe(202);
});

test("says what it collects, and that it is there", async () => {
  expect(await (await fetch(`${url}/`)).text()).toContain("ACME_TELEMETRY_DISABLED=1");
  for (const path of ["healthz", "readyz"]) {
    expect((await fetch(`${url}/${path}`)).status).toBe(200);
  }
  expect((await fetch(`${url}/dashboard/`)).status).toBe(404);
});

test("refuses what Node's collector refuses", async () => {
  const statuses = await Promise.all([
    ask("POST", "{"),
    ask("POST", "{}"),
    ask("POST", "{}", { "content-type": "text/plain" }),
    ask("POST", JSON.stringify({ padding: " ".repeat(65_536) })),
    ask("PUT", "{}"),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([400, 422, 415, 413, 405]);
});

test("what it answers for, many at once, is counted, once, until it is erased", async () => {
  // k shows nothing of one installation.
  for (const request of [requestOf(productOf()), requestOf(productOf())]) {
    expect((await post(request)).status).toBe(202);
  }
  const before = Number(await builds());
  expect(before).toBeGreaterThan(1);
  const anonymousId = hexId();
  const requests = Array.from({ length: 20 }, () => {
    const request = requestOf(productOf());
    return { ...request, context: { ...request.context, anonymousId } };
  });
  requests.push(requestOf(productOf()), requestOf(productOf()));
  const answers = await Promise.all([...requests, ...requests].map(post));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(await builds()).toBe(before + 22);

  const erased = await ask("DELETE", JSON.stringify({ anonymousId }));
  expect(await erased.json()).toMatchObject({ erased: true });
  // A late retry of it stays hidden, too.
  expect((await post(requests[0] as object)).status).toBe(202);
  expect(await builds()).toBe(before + 2);
  expect(await (await workerd.getWorker()).scheduled()).toMatchObject({ outcome: "ok" });
  expect(await builds()).toBe(before + 2);
});

test("shows numbers to a token alone, and to nobody where there is none", async () => {
  const path = `${url}/api/v1/products`;
  expect((await fetch(path)).status).toBe(401);
  const parquet = await fetch(`${url}/api/v1/export?product=acme&format=parquet`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(parquet.status).toBe(501);
  await workerd.setOptions({
    ...options,
    bindings: { SENDOFF_COLLECTOR_STORE: `clickhouse:${engine.url}` },
  });
  const { origin } = await workerd.ready;
  const claims = { host: "localhost", "cf-connecting-ip": "127.0.0.1" };
  expect((await fetch(`${origin}/api/v1/products`, { headers: claims })).status).toBe(404);
});
