import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { execa, execaSync } from "execa";
import { describe, expect, type TestContext, test } from "vitest";
import { setUp } from "./harness.ts";

/** A program in Python that has the product's JSON Schema and nothing else of ours. */

const folder = fileURLToPath(new URL("../../examples/other-languages", import.meta.url));
const bin = fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url));

const python = ["python3", "/usr/bin/python3"].find((command) => {
  const tried = execaSync(command, ["-c", "import jsonschema"], { reject: false });
  return tried.exitCode === 0;
});

/** In CI a skipped test is a failure. */
async function setUpPython(context: TestContext) {
  if (python === undefined) {
    console.log("skipped: takes Python 3 with jsonschema (Debian: python3-jsonschema)");
    return context.skip();
  }
  const place = await setUp(context);
  const env = { ...place.env, ACME_EXAMPLE_ENDPOINT: place.receiver.url };
  const sendoff = (...words: string[]) =>
    execa(process.execPath, [bin, ...words], { cwd: folder, env, extendEnv: false, reject: false });
  const schemaOf = async (kind: string) =>
    JSON.parse((await sendoff("events", "--from", "telemetry.mjs", kind)).stdout);
  const file = path.join(place.home.path, "acme.schema.json");
  const batchSchema = await schemaOf("--batch-schema");
  const lint = (
    words: string[] = [],
    extra: Record<string, string> = {},
    cwd = place.home.path,
  ) => {
    writeFileSync(file, JSON.stringify(batchSchema));
    const program = path.join(folder, "acme_lint.py");
    return execa(python, [program, file, ...words], {
      cwd,
      env: { ...env, ACME_DEBUG_TELEMETRY: "1", ...extra },
      extendEnv: false,
      reject: false,
    });
  };
  return { ...place, batchSchema, lint, schemaOf, sendoff };
}

test("its batch is valid by the schema that is published, and delivered by our sender", async (context) => {
  const { home, lint, receiver, schemaOf, sendoff } = await setUpPython(context);
  home.writePreferences("acme", {});
  const run = await lint(["--fix", "--token=secret"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "no problems found", stderr: "" });
  const spool = path.join(home.stateFolder("acme"), "spool");
  const [name] = readdirSync(spool);
  expect(readdirSync(spool)).toHaveLength(1);
  const batch = JSON.parse(readFileSync(path.join(spool, name as string), "utf8"));
  expect(name).toBe(`${batch.batchId}_events.json`);

  const { stdout } = await sendoff("flush", "--name", "acme");
  expect(stdout).toContain("Sent 1 of 1 batch");
  expect(receiver.requests).toHaveLength(1);
  const { body } = receiver.requests[0] as { body: string };
  const payload = JSON.parse(body);
  expect(payload).toMatchObject({
    batchId: batch.batchId,
    context: { anonymousId: null },
    meta: { platform: process.platform, runtime: "other" },
    events: [{ eventName: "command:ended", fields: { command: "lint", flags: ["fix", "other"] } }],
  });
  const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    await schemaOf("--json-schema"),
  );
  expect(isValid(payload), JSON.stringify(isValid.errors)).toBe(true);
  expect(home.spool("acme")).toEqual([]);
  expect(body).not.toContain("secret");
});

describe("it leaves nothing behind", () => {
  test.for<
    [what: string, preferences: boolean | "local" | undefined, env?: Record<string, string>]
  >([
    ["before acme has shown its notice", undefined],
    ["where telemetry is off", false],
    ["in local mode", "local"],
    ["with DO_NOT_TRACK", true, { DO_NOT_TRACK: "1" }],
    ["with acme's own variable", true, { ACME_TELEMETRY_DISABLED: "true" }],
  ])("%s", async ([_what, enabled, env], context) => {
    const { home, lint } = await setUpPython(context);
    if (enabled !== undefined) home.writePreferences("acme", { enabled });
    const run = await lint([], env);
    expect(run).toMatchObject({ exitCode: 0, stdout: "no problems found", stderr: "" });
    expect(home.files().filter((file) => file.includes("spool"))).toEqual([]);
  });

  test("in a project that says no", async (context) => {
    const { home, lint } = await setUpPython(context);
    home.writePreferences("acme", {});
    writeFileSync(path.join(home.path, "package.json"), '{"acme": {"telemetry": false}}');
    await lint();
    expect(home.files().filter((file) => file.includes("spool"))).toEqual([]);
  });

  test("when its batch isn't as the schema wants it, and says so to debug", async (context) => {
    const { batchSchema, home, lint } = await setUpPython(context);
    home.writePreferences("acme", {});
    const { fields } = batchSchema.$defs["command:ended"].properties;
    fields.properties.command.enum = ["build", "other"];
    const run = await lint();
    expect(run).toMatchObject({ exitCode: 0, stdout: "no problems found" });
    expect(run.stderr).toContain("[telemetry] nothing is recorded:");
    expect(home.files().filter((file) => file.includes("spool"))).toEqual([]);
  });
});
