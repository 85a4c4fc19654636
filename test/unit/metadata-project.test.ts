import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findProject, hashProject, projectTelemetryOff } from "../../src/metadata/project.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-project-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Files by relative name; what is no text is written as JSON. */
function place(files: Record<string, unknown>) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), typeof content === "string" ? content : JSON.stringify(content));
  }
}
const at = (name: string) => path.join(root, name);

test("the nearest package.json names the project, without its version", () => {
  place({ "app/package.json": { name: "@jo/app", version: "1.2.3" }, "app/src/deep/a.js": "" });
  expect(findProject(at("app/src/deep"))).toEqual({
    root: at("app"),
    packageFiles: [at("app/package.json")],
    projectId: "@jo/app",
  });
});

test.each([
  ["has no name", { private: true }],
  ["has a name that is no text", { name: 7 }],
  ["has an empty name", { name: "" }],
  ["is broken", '{ "name": "app", '],
  ["is no object", "[]"],
])("where package.json %s, the folder identifies the project", (_, content) => {
  place({ "package.json": { name: "above" }, "app/package.json": content });
  const { root: found, projectId } = findProject(at("app"));
  expect([found, projectId]).toEqual([at("app"), at("app")]);
});

test("where there is no package.json, the folder identifies the project", () => {
  place({ "app/a.js": "" });
  expect(findProject(at("app"))).toEqual({
    root: at("app"),
    packageFiles: [],
    projectId: at("app"),
  });
});

test.each<[string, Record<string, unknown>]>([
  ["a list", { "package.json": { workspaces: ["packages/*"] } }],
  ["Yarn's object", { "package.json": { workspaces: { packages: ["packages/*"] } } }],
  ["pnpm's file", { "package.json": {}, "pnpm-workspace.yaml": "packages: []" }],
  ["pnpm's file beside a broken one", { "package.json": "{", "pnpm-workspace.yaml": "" }],
])("the workspace root is found by %s", (_, files) => {
  place({
    ...files,
    "packages/package.json": { name: "on the way" },
    "packages/app/package.json": { name: "app" },
  });
  expect(findProject(at("packages/app"))).toEqual({
    root: at("packages/app"),
    packageFiles: [at("packages/app/package.json"), at("package.json")],
    projectId: "app",
  });
});

test("a broken nearest package.json doesn't hide the workspace root", () => {
  place({ "package.json": { name: "all", workspaces: [] }, "app/package.json": "{" });
  expect(findProject(at("app"))).toMatchObject({
    packageFiles: [at("app/package.json"), at("package.json")],
    projectId: at("app"),
  });
});

test("a workspace root is its own, and nothing above it counts", () => {
  place({
    "package.json": { name: "outer", workspaces: ["inner"] },
    "inner/package.json": { name: "inner", workspaces: ["app"] },
  });
  expect(findProject(at("inner")).packageFiles).toEqual([at("inner/package.json")]);
});

test("a byte order mark is no mistake", () => {
  place({ "package.json": '\uFEFF{ "name": "app" }' });
  expect(findProject(root).projectId).toBe("app");
});

test.each<[string, unknown, boolean]>([
  ["says no", { acme: { telemetry: false } }, true],
  ["says yes", { acme: { telemetry: true } }, false],
  ["says no to another", { emca: { telemetry: false } }, false],
  ["says no in other words", { acme: { telemetry: "false" } }, true],
  ["says no as preferences do", { acme: { telemetry: { enabled: false } } }, true],
  ["holds other settings of telemetry", { acme: { telemetry: { debug: true } } }, false],
  ["says nothing", { name: "app" }, false],
  ["holds no settings", { acme: false }, false],
  ["is broken", '{ "acme": { "telemetry": false }', false],
])("a package.json that %s", (_, content, expected) => {
  place({ "package.json": content });
  expect(projectTelemetryOff("acme", [at("package.json")])).toBe(expected);
  expect(projectTelemetryOff("acme", [at("missing.json"), at("package.json")])).toBe(expected);
});

test("a no is heard as soon as it is written", () => {
  place({ "package.json": { name: "app" } });
  const { packageFiles } = findProject(root);
  expect(projectTelemetryOff("acme", packageFiles)).toBe(false);
  place({ "package.json": { name: "app", acme: { telemetry: false } } });
  expect(projectTelemetryOff("acme", packageFiles)).toBe(true);
});

test("the hash is of salt, then id", () => {
  const expected = createHash("sha256").update("00ff@jo/app").digest("hex");
  expect(hashProject("00ff", "@jo/app")).toBe(expected);
  expect(hashProject("ff00", "@jo/app")).not.toBe(expected);
});
