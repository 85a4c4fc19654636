import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { exampleFolder, expectReadable, setUpCli } from "./cli-harness.ts";
import { senderGone } from "./harness.ts";

describe("show", () => {
  it("shows a first build's event before it is sent, exactly as it then is", async () => {
    const { acme, build, home, receiver } = await setUpCli();
    await build();
    const before = JSON.parse((await acme("show --json")).stdout);
    expect(before.waiting).toMatchObject([{ isHeld: true, isOpen: false }]);
    expect(before.notice).toContain("acme (Acme Ltd) collects anonymous build telemetry");
    expect(receiver.connections).toBe(0);
    await build();
    await receiver.waitForRequests(2);
    await senderGone(home.path);
    const bodies = receiver.requests.map(({ body }) => body);
    expect(bodies).toContain(before.waiting[0].requests[0].body);

    const after = JSON.parse((await acme("show --json")).stdout);
    expect(after.waiting).toEqual([]);
    expect(after.sent.map(({ body }: { body: string }) => body).sort()).toEqual(bodies.sort());
    expect(after.sent[0]).toMatchObject({ to: { type: "http", url: receiver.url }, answer: "202" });
  });

  it("reads well, and by name alone the same", async () => {
    const { acme, build, home, receiver, sendoff } = await setUpCli();
    await build();
    const waiting = await acme("show");
    expect(waiting.stdout).toContain("Waiting: 1 batch");
    expect(waiting.stdout).toContain("held back until the next run");
    expect(waiting.stdout).toContain('"pagesCount": 1');
    expectReadable(waiting);
    expect((await sendoff("show")).stdout).toBe(waiting.stdout);
    for (let i = 0; i < 4; i++) {
      await build();
      await receiver.waitForRequests(i + 2);
      await senderGone(home.path);
    }
    const sent = await acme("show");
    expect(sent.stdout).toContain(
      "Sent: 5 payloads, the last 3 of them; acme telemetry show --all",
    );
    expect(sent.stdout.match(/"schemaVersion"/g)).toHaveLength(3);
    expect((await acme("show --all")).stdout.match(/"schemaVersion"/g)).toHaveLength(5);
    expectReadable(sent);
  });

  it("changes nothing", async () => {
    const { acme, build, home } = await setUpCli();
    await build();
    const files = home
      .files()
      .map((file) => [file, readFileSync(path.join(home.path, file), "utf8")]);
    for (const words of ["show", "show --json", "status", "events", "doctor", "--help"]) {
      await acme(words);
    }
    expect(
      home.files().map((file) => [file, readFileSync(path.join(home.path, file), "utf8")]),
    ).toEqual(files);
  });
});

describe("events", () => {
  it("lists every field with its description, type and an example", async () => {
    const { acme } = await setUpCli();
    const run = await acme("events");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("build:completed and build:failed have");
    expect(run.stdout).toMatch(
      /pagesCount +How many pages the site has\.\n +whole number up to 10,000; such as 3/,
    );
    expect(run.stdout).toMatch(/anonymousId +A random id of this installation/);
    expect(run.stdout).toMatch(
      /memoryTotal +Memory in MB, rounded down\.\n +one of .*\(10 in all\)/,
    );
    expect(run.stdout).toContain("Nothing else can be sent.");
    expectReadable(run);
  });

  it("gives a JSON Schema that takes what is sent, and nothing else", async () => {
    const { acme, build, receiver, home } = await setUpCli();
    await build();
    await build();
    await receiver.waitForRequests(2);
    await senderGone(home.path);
    const schema = JSON.parse((await acme("events --json-schema")).stdout);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema.$id).toBe(`urn:sendoff:acme:${receiver.requests[0]?.payload.definitions}`);
    const durations = schema.$defs["build:completed"].properties.fields.properties.duration;
    expect(durations.description).toContain("In milliseconds.");

    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    const body = receiver.requests[0]?.body ?? "";
    validate(JSON.parse(body));
    expect(validate.errors).toBeNull();
    const changed = (change: (payload: Payload) => void) => {
      const payload = JSON.parse(body);
      change(payload);
      return validate(payload);
    };
    expect(changed(() => {})).toBe(true);
    expect(changed((payload) => Object.assign(payload, { hostname: "box" }))).toBe(false);
    expect(changed(({ meta }) => Object.assign(meta, { userName: "ada" }))).toBe(false);
    expect(changed(({ meta }) => Object.assign(meta, { cpuModel: "AMD EPYC 7B13" }))).toBe(false);
    expect(changed(({ context }) => Object.assign(context, { anonymousId: "ada" }))).toBe(false);
    const [event] = JSON.parse(body).events;
    for (const fields of [
      { ...event.fields, message: "failed in src/secret.ts" },
      { ...event.fields, duration: -1 },
      { ...event.fields, bundlerVersion: "1.0.0-ada.laptop" },
    ]) {
      expect(changed(({ events }) => Object.assign(events[0] as object, { fields }))).toBe(false);
    }
  });

  it("checks a page, and names the command where it is behind", async () => {
    const { acme, run } = await setUpCli();
    const folder = mkdtempSync(path.join(tmpdir(), "sendoff-page-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const page = path.join(folder, "TELEMETRY.md");
    const check = () => run("acme.mjs", ["telemetry", "events", "--check", page]);

    const missing = await check();
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain(`acme telemetry events --markdown > ${page}`);
    writeFileSync(page, `${(await acme("events --markdown")).stdout}\n`);
    expect((await check()).exitCode).toBe(0);
    writeFileSync(page, readFileSync(page, "utf8").replaceAll("\n", "\r\n"));
    expect((await check()).exitCode).toBe(0);
    writeFileSync(page, readFileSync(page, "utf8").replace("How many pages", "How many cats"));
    const behind = await check();
    expect(behind.exitCode).toBe(1);
    expect(behind.stderr).toContain("How many cats");
    expect(behind.stderr).toContain(`acme telemetry events --markdown > ${page}`);
    expectReadable(behind);
  });

  it("writes a page that says who, how long, where to, and every way off", async () => {
    const { acme } = await setUpCli();
    const { stdout } = await acme("events --markdown");
    for (const words of [
      "# What acme sends",
      "| sent to | telemetry.acme.dev |",
      "| by | Acme Ltd, privacy@acme.dev |",
      "| kept | 365 days |",
      "coarse, rounded to values that many machines share",
      "`npx sendoff disable --name acme`",
      "`ACME_TELEMETRY_DISABLED=1`",
      "`DO_NOT_TRACK=1`",
      "| `pagesCount` | How many pages the site has. | whole number up to 10,000 | `3` |",
      "`Intel Core i7`",
    ]) {
      expect(stdout).toContain(words);
    }
    // A variable that redirects a test must not end up in a page.
    expect(stdout).not.toContain("127.0.0.1");
  });

  it("is the example's own page, and xmcp's", async () => {
    const { acme, bin } = await setUpCli();
    expect((await acme("events --check TELEMETRY.md")).exitCode).toBe(0);
    const page = path.resolve("docs/xmcp/TELEMETRY.md");
    const xmcp = await bin(["events", "--name", "xmcp", "--check", page]);
    expect(xmcp.stderr).toBe("");
    expect(xmcp.exitCode).toBe(0);
  });

  it("asks a module that exports a tracker, for products without a CLI", async () => {
    const { bin } = await setUpCli();
    const run = await bin(["events", "--from", "../webpack/telemetry.mjs", "--json-schema"]);
    expect(JSON.parse(run.stdout).title).toBe("What acme sends");
    const none = await bin(["events", "--from", "src/greeting.js"]);
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toContain("exports no tracker");
    const byName = await bin(["events", "--name", "acme"]);
    expect(byName.exitCode).toBe(1);
    expect(byName.stderr).toContain("acme telemetry events");
  });

  it("works from a CommonJS copy of sendoff, on a tracker that an ES module has made", async () => {
    const { run } = await setUpCli();
    const folder = mkdtempSync(path.join(exampleFolder, "tmp-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(path.join(exampleFolder, "telemetry.mjs"), path.join(folder, "telemetry.mjs"));
    cpSync(path.join(exampleFolder, "config.mjs"), path.join(folder, "config.mjs"));
    const file = path.join(folder, "main.cjs");
    writeFileSync(
      file,
      `const { runTelemetryCommand } = require("sendoff/cli");
      import("./telemetry.mjs").then(({ telemetry }) => runTelemetryCommand(telemetry, ["status", "--json"]));`,
    );
    expect(JSON.parse((await run(file, [])).stdout)).toMatchObject({ state: "on" });
  });
});

interface Payload {
  context: object;
  meta: object;
  events: object[];
}
