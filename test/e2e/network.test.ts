import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "./certificates.ts";
import { flushCommand, senderGone, setUp } from "./harness.ts";
import { type ConnectProxy, startLine, startProxy } from "./line.ts";

/** A name that no resolver knows: what arrives under it came through a proxy. */
const named = "telemetry.acme.invalid";

/** An https endpoint with a certificate of the test's own, for `localhost` and for that name. */
async function setUpTls() {
  const { env, home, product, receiver } = await setUp();
  const authority = createAuthority();
  const trusted = path.join(home.path, "ca.pem");
  writeFileSync(trusted, authority.certificate);
  const certificate = authority.issue({ names: ["localhost", named] });
  const line = await startLine({ to: receiver.url, certificate });
  onTestFinished(() => line.close());
  const at = (host: string) => ({
    ACME_TELEMETRY_ENDPOINT: "",
    PRODUCT_OPTIONS: JSON.stringify({ endpoint: `https://${host}/v1/events` }),
  });
  return {
    home,
    line,
    receiver,
    trusted,
    trust: { NODE_EXTRA_CA_CERTS: trusted },
    local: at(`localhost:${line.port}`),
    remote: at(named),
    async proxy(isSecure = false): Promise<ConnectProxy> {
      const proxy = await startProxy(line.port, isSecure ? certificate : undefined);
      onTestFinished(() => proxy.close());
      return proxy;
    },
    /** Two builds, the first of which shows the notice, and their sender. */
    async twoBuilds(variables: Record<string, string>) {
      await product("completed", variables);
      await product("completed", variables);
      await senderGone(home.path);
    },
    /** A build whose batch waits, and then the command, which says what happens. */
    async flushed(variables: Record<string, string>) {
      await product("completed", variables);
      return flushCommand({ ...env, ...variables, ACME_DEBUG_TELEMETRY: "1" });
    },
    waiting: () => home.spool("acme").length,
    /** Below the home, whatever it is called. */
    allFiles: () => everythingBelow(home.path),
  };
}

function everythingBelow(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile());
  return files.map((file) => `${file}\n${readFileSync(file, "latin1")}`).join("\n");
}

/** Beside what the isolated home needs. */
const nodeOptions = (env: Readonly<Record<string, string>>, ...flags: string[]) => ({
  NODE_OPTIONS: [env.NODE_OPTIONS, ...flags].filter(Boolean).join(" "),
});

describe("a certificate of the company's own", () => {
  it("is trusted where NODE_EXTRA_CA_CERTS names it", async () => {
    const { local, receiver, trust, twoBuilds, waiting } = await setUpTls();
    await twoBuilds({ ...local, ...trust });
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(waiting()).toBe(0);
  });

  it("is not otherwise: the batch waits, and debug says why", async () => {
    const { flushed, line, local, receiver, waiting } = await setUpTls();
    const { stderr } = await flushed(local);
    expect(stderr).toContain(`localhost:${line.port}: answered UNABLE_TO_VERIFY_LEAF_SIGNATURE`);
    expect(receiver.requests).toEqual([]);
    expect(waiting()).toBe(1);
  });

  // Node 22.15 and later can also read the system's own store.
  const flags = ["--use-openssl-ca", "--use-system-ca"];
  const known = flags.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
  it.each(known)("is trusted where NODE_OPTIONS has %s, which the sender keeps", async (flag) => {
    const run = async (...flags: string[]) => {
      const { home, local, receiver, trusted, twoBuilds } = await setUpTls();
      const store = { SSL_CERT_FILE: trusted };
      await twoBuilds({ ...local, ...store, ...nodeOptions(home.env, ...flags) });
      return receiver.uniqueEvents.length;
    };
    const others = ["--max-old-space-size=500", '--title="a build"'];
    expect(await run(...others)).toBe(0);
    expect(await run(...others, flag)).toBe(2);
  });
});

describe("a proxy", () => {
  it.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
    "that %s names takes the connection, and resolves the name",
    async (variable) => {
      const { proxy, receiver, remote, trust, twoBuilds, waiting } = await setUpTls();
      const { asked, credentials, port } = await proxy();
      await twoBuilds({ ...remote, ...trust, [variable]: `http://127.0.0.1:${port}` });
      expect(receiver.uniqueEvents).toHaveLength(2);
      expect(waiting()).toBe(0);
      expect(new Set(asked)).toEqual(new Set([`${named}:443`]));
      expect(new Set(credentials)).toEqual(new Set([undefined]));
    },
  );

  it("without a scheme is spoken to in plain HTTP, as by curl", async () => {
    const { proxy, receiver, remote, trust, twoBuilds } = await setUpTls();
    const { port } = await proxy();
    await twoBuilds({ ...remote, ...trust, HTTPS_PROXY: `127.0.0.1:${port}` });
    expect(receiver.uniqueEvents).toHaveLength(2);
  });

  it("can be spoken to in TLS", async () => {
    const { proxy, receiver, remote, trust, twoBuilds } = await setUpTls();
    const { port } = await proxy(true);
    await twoBuilds({ ...remote, ...trust, HTTPS_PROXY: `https://localhost:${port}` });
    expect(receiver.uniqueEvents).toHaveLength(2);
  });

  it("gets its credentials, which stand nowhere else", async () => {
    const { allFiles, flushed, proxy, receiver, remote, trust } = await setUpTls();
    const { credentials, port } = await proxy();
    const secret = { HTTPS_PROXY: `http://jane:s3cr%40t@127.0.0.1:${port}` };
    const { exitCode, stderr, stdout } = await flushed({ ...remote, ...trust, ...secret });
    expect(exitCode).toBe(0);
    expect(credentials).toEqual(["jane:s3cr@t"]);
    const [request] = receiver.requests;
    const seen = [
      stderr,
      stdout,
      allFiles(),
      JSON.stringify(request?.headers),
      request?.body,
    ].join();
    expect(seen).toContain("answered 202");
    expect(seen).not.toMatch(/jane|s3cr|amFuZTpz/);
  });

  it("that wants others says so in debug, and the batch waits", async () => {
    const { allFiles, flushed, proxy, remote, trust, waiting } = await setUpTls();
    const { behave, port } = await proxy();
    behave(407);
    const secret = { HTTPS_PROXY: `http://jane:s3cr%40t@127.0.0.1:${port}` };
    const { stderr, stdout } = await flushed({ ...remote, ...trust, ...secret });
    expect(stderr).toContain(`${named}: answered Bad response: 407`);
    expect(waiting()).toBe(1);
    expect([stderr, stdout, allFiles()].join()).not.toMatch(/jane|s3cr|amFuZTpz/);
  });

  it("is not asked for what NO_PROXY names", async () => {
    const { local, proxy, receiver, trust, twoBuilds } = await setUpTls();
    const { asked, port } = await proxy();
    const variables = { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "acme.dev,localhost" };
    await twoBuilds({ ...local, ...trust, ...variables });
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(asked).toEqual([]);
  });

  it("is not asked for plain http, which never leaves this machine", async () => {
    const { home, proxy, receiver, twoBuilds } = await setUpTls();
    const { asked, port } = await proxy();
    const address = `http://127.0.0.1:${port}`;
    await twoBuilds({ HTTP_PROXY: address, HTTPS_PROXY: address, ALL_PROXY: address });
    expect(receiver.uniqueEvents).toHaveLength(2);
    expect(asked).toEqual([]);
    expect(home.spool("acme")).toEqual([]);
  });

  it.each([
    ["of another kind", "socks5://127.0.0.1:1080", "the proxy is neither http nor https"],
    ["that is none", "http://:::", "answered ERR_INVALID_URL"],
    ["whose credentials can't be read", "http://%ZZ:x@127.0.0.1:9", "answered URI malformed"],
  ])("%s: the batch waits, and debug says why", async (_, ALL_PROXY, line) => {
    const { flushed, receiver, remote, trust, waiting } = await setUpTls();
    const { exitCode, stderr } = await flushed({ ...remote, ...trust, ALL_PROXY });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(line);
    expect(receiver.connections).toBe(0);
    expect(waiting()).toBe(1);
  });

  it("that hangs does not keep the command that flushes", async () => {
    const { flushed, proxy, remote, trust, waiting } = await setUpTls();
    const { behave, port } = await proxy();
    behave("hang");
    const variables = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const { exitCode } = await flushed({ ...remote, ...trust, ...variables });
    expect(exitCode).toBe(1);
    expect(waiting()).toBe(1);
  });
});

describe("many batches", () => {
  it("go out six at a time, over connections that are kept", async () => {
    const { env, home, product, receiver } = await setUp();
    await product("completed");
    // In a run that shows the notice no sender is started: these wait like it.
    const waiting = home.spool("acme")[0] as { file: string; batch: object };
    const spool = path.join(home.stateFolder("acme"), "spool");
    const text = JSON.stringify(waiting.batch);
    for (let i = 0; i < 30; i++) {
      const id = randomUUID();
      writeFileSync(
        path.join(spool, `${id}_events.json`),
        text.replaceAll(waiting.file.slice(0, 36), id),
      );
    }
    let atOnce = 0;
    let most = 0;
    receiver.behave(async (): Promise<"accept"> => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 50));
      atOnce -= 1;
      return "accept";
    });
    expect((await flushCommand(env)).exitCode).toBe(0);
    expect(receiver.requests).toHaveLength(31);
    expect(most).toBe(6);
    expect(receiver.connections).toBeLessThanOrEqual(6);
    expect(home.spool("acme")).toEqual([]);
  });
});
