import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flagOf, readSettings, unknownVariables, variableOf } from "../src/config/read-settings.ts";
import { settings as all, type SettingName } from "../src/config/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "sendoff-settings-"));
const events = ["acme.schema.json"];
const emptyHash = createHash("sha256").update("").digest("hex");

function fileOf(text: string): string {
  const file = join(folder, "collector.json");
  writeFileSync(file, text);
  return file;
}

describe("settings", () => {
  test("have defaults, all but the definitions", () => {
    const settings = readSettings({ flags: { events }, env: {} });
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 4817, k: 10, retentionDays: 90 });
    expect(settings.store).toEqual(["duckdb:./telemetry.duckdb"]);
  });

  test("a flag comes before a variable, a variable before the file", () => {
    const file = fileOf('{ "port": 1, "k": 11, "host": "0.0.0.0", "events": ["a", "b"] }');
    const env = { SENDOFF_COLLECTOR_PORT: "2", SENDOFF_COLLECTOR_K: "12" };
    const settings = readSettings({ flags: { port: "3" }, env, file });
    expect(settings).toMatchObject({ port: 3, k: 12, host: "0.0.0.0", events: ["a", "b"] });
  });

  test("lists come by commas in a variable", () => {
    const env = { SENDOFF_COLLECTOR_STOP: "acme@1.0.0,acme@1.0.1" };
    const { stop } = readSettings({ flags: { events }, env });
    expect(stop).toEqual(["acme@1.0.0", "acme@1.0.1"]);
  });

  test.each([
    [{}, {}, "--events is missing"],
    [{ events, port: "many" }, {}, "--port: say a whole number from 0 to 65535"],
    [
      { events },
      { SENDOFF_COLLECTOR_RETENTION_DAYS: "7" },
      "SENDOFF_COLLECTOR_RETENTION_DAYS: say 32 or more",
    ],
    [{ events, store: ["mysql:x"] }, {}, "--store: say duckdb:FILE"],
    [{ events, token: ["secret"] }, {}, "--token: say 64 hexadecimal digits"],
    [{ events, tlsCert: "a.pem" }, {}, "--tls-cert and --tls-key go together"],
    [{ events, stop: ["1.0.0"] }, {}, "--stop: say a product and its version"],
    [{ events, cluster: "main" }, {}, "--cluster is ClickHouse's: give --store clickhouse:URL"],
    [{ events, behindProxy: "perhaps" }, {}, "--behind-proxy: say true or false"],
    [{ events, port: "" }, {}, "--port: say a whole number"],
    [{ events, rateTotal: " " }, {}, "--rate-total: say a whole number"],
    [{ events, store: [""] }, {}, "--store: say something, or leave it out"],
    [{ events }, { SENDOFF_COLLECTOR_STORE: "," }, "SENDOFF_COLLECTOR_STORE: say duckdb:FILE"],
    [{ events, host: "" }, {}, "--host: say an address"],
    // `printf "$TOKEN" | sha256sum`, with a variable that isn't set.
    [{ events, token: [emptyHash] }, {}, "--token: this is the hash of an empty text"],
  ])("what is wrong is told by its name, with what to say: %#", (flags, env, problem) => {
    expect(() => readSettings({ flags, env })).toThrow(problem);
    expect(() => readSettings({ flags, env })).not.toThrow("secret");
  });

  test("a file's mistakes are told by the file", () => {
    const read = (text: string) => () =>
      readSettings({ flags: { events }, env: {}, file: fileOf(text) });
    expect(read("{")).toThrow("--config");
    expect(read("[]")).toThrow("say an object");
    expect(read('{ "prot": 1 }')).toThrow(/prot in .* is no setting: see --help\./);
    for (const spelled of ["retention-days", "retention_days", "RETENTION_DAYS"]) {
      expect(read(`{ "${spelled}": 60 }`)).toThrow(/is no setting: write retentionDays\./);
    }
    expect(read('{ "port": -1 }')).toThrow(/port in .*collector\.json: say 0 or more/);
    // Not 0, which would be no limit.
    expect(read('{ "ratePerId": null }')).toThrow(/ratePerId in .*: say a whole number/);
    expect(read('{ "k": true }')).toThrow(/k in .*: say a whole number/);
    expect(read('{ "host": 1 }')).toThrow(/host in .*: say an address/);
    expect(read('{ "token": 1 }')).toThrow(/token in .*: say a text, or a list/);
  });

  test("a variable that would be one of ours, and is none, is told", () => {
    const env = { SENDOFF_COLLECTOR_PORT: "2", SENDOFF_COLLECTOR_RETENTIONDAYS: "60", HOME: "/" };
    expect(unknownVariables(env)).toEqual([
      "SENDOFF_COLLECTOR_RETENTIONDAYS is no setting: write SENDOFF_COLLECTOR_RETENTION_DAYS.",
    ]);
    expect(unknownVariables({ SENDOFF_COLLECTOR_SERVICE_HOST: "10.0.0.1" })).toEqual([
      "SENDOFF_COLLECTOR_SERVICE_HOST is no setting.",
    ]);
  });

  test("docs/collector.md has each, with its variable and its default", () => {
    const page = readFileSync(new URL("../../docs/collector.md", import.meta.url), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `--"));
    for (const [name, setting] of Object.entries(all)) {
      const row = rows.find((line) => line.includes(`\`${flagOf(name as SettingName)}`)) ?? name;
      expect(row).toContain(
        `\`${variableOf(name as SettingName).replace("SENDOFF_COLLECTOR_", "")}\``,
      );
      const preset = setting.schema.safeParse(undefined).data ?? [];
      if (preset !== false)
        for (const value of [preset].flat()) expect(row).toContain(`\`${value}\``);
    }
    expect(rows.length).toBeGreaterThan(15);
  });
});
