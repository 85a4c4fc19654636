import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { PluginEvent, PluginTelemetry } from "../../src/plugin/options.ts";

/** What a tracker is to plugins, kept in memory: an open batch that `dev`, `exit`, or `settle` closes. */
export interface FakeTelemetry extends PluginTelemetry {
  isEnabled: boolean;
  /** As they would be sent: what was amended shows its last form. */
  events: PluginEvent[];
  /** Everything that was called, in order. */
  calls: string[];
  counts: { name: string; error: boolean | undefined }[];
  errors: { where: string; error: unknown }[];
  /** As the exit hook does, or a process that lives on. */
  settle(): void;
}

export function fakeTelemetry(): FakeTelemetry {
  let settled = 0;
  const telemetry: FakeTelemetry = {
    isEnabled: true,
    events: [],
    calls: [],
    counts: [],
    errors: [],
    record(event) {
      telemetry.calls.push("record");
      telemetry.events.push(...[event].flat());
    },
    amend(event, by) {
      telemetry.calls.push("amend");
      const index = telemetry.events.indexOf(event);
      if (index < settled) return false;
      telemetry.events[index] = by;
      return true;
    },
    hold() {
      telemetry.calls.push("hold");
    },
    flushDetached(mode = "build") {
      telemetry.calls.push(`flush ${mode}`);
      if (mode !== "build") telemetry.settle();
    },
    count(name, { error } = {}) {
      telemetry.counts.push({ name, error });
    },
    reportError(where, error) {
      telemetry.errors.push({ where, error });
    },
    settle() {
      settled = telemetry.events.length;
    },
  };
  return telemetry;
}

/** A folder with these files, gone after the test. Returns a path maker. */
export function project(files: Record<string, string>): (...names: string[]) => string {
  const root = mkdtempSync(path.join(tmpdir(), "sendoff plugin "));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (...names: string[]): string => path.join(root, ...names);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), content);
  }
  return at;
}

/** Names and contents of a folder's files. */
export function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    hash.update(`${name}\0`);
    if (path.extname(name) !== "") hash.update(readFileSync(path.join(folder, name)));
  }
  return hash.digest("hex");
}

export function sizeOfFolder(folder: string): number {
  const sizes = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)).byteLength);
  return sizes.reduce((total, size) => total + size, 0);
}

export function only<T>(list: readonly T[]): T {
  if (list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return list[0] as T;
}
