import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAuthority } from "../../../test/e2e/certificates.ts";
import { createToken } from "../../src/auth/tokens.ts";
import { productOf, requestOf, schemaOf } from "../ingest/payloads.ts";
import { startBuilt } from "../server/built.ts";
import { type RunningProxy, startCaddy, startNginx } from "./proxies.ts";

/** What collector/deploy holds, in use: real proxies in front of the built collector. */

const found = (...files: string[]) => files.find((file) => existsSync(file));
const proxies = [
  { name: "nginx", file: found("/usr/sbin/nginx", "/usr/bin/nginx"), start: startNginx },
  { name: "Caddy", file: found("/usr/bin/caddy"), start: startCaddy },
];

/** A client that can be told from everything else on this machine, and found again. */
const client = { address: "127.0.0.9", agent: "somebody's-agent-4711" };
const authority = createAuthority();
const { token, hash } = createToken();
const product = productOf();

describe.each(proxies)("behind $name", ({ name, file, start }) => {
  async function setUp(flags: string[], skip: (why: string) => void) {
    if (!file) skip(`${name} is not installed`);
    const folder = mkdtempSync(join(tmpdir(), "sendoff-deploy-"));
    const at = (path: string) => join(folder, path);
    const { cert, key } = authority.issue();
    mkdirSync(at("proxy"));
    for (const [path, text] of [
      ["acme.schema.json", JSON.stringify(schemaOf())],
      ["cert.pem", cert],
      ["key.pem", key],
    ] as const) {
      writeFileSync(at(path), text, { mode: 0o600 });
    }
    const collector = await startBuilt(`duckdb:${at("telemetry.duckdb")}`, {
      events: [at("acme.schema.json")],
      flags: ["--behind-proxy", ...flags],
    });
    const proxy = await start(file as string, {
      folder: at("proxy"),
      to: collector.port,
      cert: at("cert.pem"),
      key: at("key.pem"),
    });
    onTestFinished(async () => {
      await proxy.stop();
      await collector.kill();
      rmSync(folder, { recursive: true, force: true });
    });
    return { folder, collector, proxy };
  }

  test("events come in, and who claims another address is still the same source", async ({
    skip,
  }) => {
    const { proxy } = await setUp(["--token", hash, "--rate-per-source", "3"], skip);
    const statuses: (number | undefined)[] = [];
    for (let times = 1; times <= 4; times += 1) {
      const headers = { "x-forwarded-for": `203.0.113.${times}` };
      statuses.push(await ask(proxy, "POST", { headers, body: requestOf(product) }));
    }
    expect(statuses).toEqual([202, 202, 202, 429]);
  });

  test("numbers are for a token, and for nobody where there is none", async ({ skip }) => {
    const locked = await setUp(["--token", hash], skip);
    const authorization = `Bearer ${token}`;
    const path = "/api/v1/products";
    expect(await ask(locked.proxy, "GET", { path })).toBe(401);
    expect(await ask(locked.proxy, "GET", { path, headers: { authorization } })).toBe(200);
    const open = await setUp([], skip);
    expect(await ask(open.proxy, "GET", { path })).toBe(403);
    expect(await ask(open.proxy, "GET", { path: "/" })).toBe(200);
    const metrics = { path: "/metrics", headers: { authorization } };
    expect(await ask(locked.proxy, "GET", metrics)).toBe(403);
  });

  test("nothing says who sent, not even of what went wrong", async ({ skip }) => {
    const { folder, collector, proxy } = await setUp(["--token", hash], skip);
    expect(await ask(proxy, "POST", { body: requestOf(product) })).toBe(202);
    expect(await ask(proxy, "POST", { body: "x".repeat(65 * 1024) })).toBe(413);
    const { exitCode, stderr } = await collector.stop();
    expect(exitCode).toBe(0);
    expect(await ask(proxy, "POST", { body: requestOf(product) })).toBe(502);
    const said = [stderr, await proxy.stop(), ...textsIn(folder)].join("\n");
    expect(said).toContain("acme");
    for (const words of Object.values(client)) expect(said).not.toContain(words);
  });
});

test("systemd understands the unit", async ({ skip }) => {
  const file = found("/usr/bin/systemd-analyze");
  if (!file) skip("systemd-analyze is not installed");
  const unit = fileURLToPath(new URL("../../deploy/sendoff-collector.service", import.meta.url));
  const { all } = await execa(file as string, ["verify", unit], { all: true });
  expect(all).toBe("");
});

interface Asked {
  path?: string;
  headers?: Record<string, string>;
  body?: object | string;
}

/** @returns the status. */
function ask({ port }: RunningProxy, method: string, asked: Asked): Promise<number | undefined> {
  const { path = "/v1/events", headers = {}, body } = asked;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ method, path, port, host: "localhost", family: 4, agent: false },
      localAddress: client.address,
      ca: authority.certificate,
      headers: {
        ...(text !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        }),
        "user-agent": client.agent,
        ...headers,
      },
    });
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
}
