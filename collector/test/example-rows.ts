import { createHash } from "node:crypto";
import type { EventRow } from "../src/rows/row.ts";

/** Rows for tests: the same for the same number, all different, some of every kind. */

export type Changes = Partial<Omit<EventRow, "meta" | "build">> & {
  meta?: Partial<EventRow["meta"]>;
  build?: Partial<EventRow["build"]>;
};

const HOUR_MS = 3_600_000;

/** @param number makes the id, and varies the rest. */
export function exampleRow(number: number, changes: Changes = {}): EventRow {
  const timestamp = changes.timestamp ?? Date.now() - (number % 48) * HOUR_MS;
  const isFailure = number % 7 === 0;
  return {
    id: exampleId(number),
    receivedAt: Date.now(),
    product: "acme",
    definitions: "0123456789abcdef0123456789abcdef",
    eventName: isFailure ? "build:failed" : "build:completed",
    place: "installation",
    anonymousId: exampleHash(`installation ${number % 50}`),
    projectHash: exampleHash(`project ${number % 80}`),
    sessionId: exampleHash(`session ${number}`),
    sampleRate: 1,
    firstOfDay: null,
    firstOfWeek: null,
    firstOfMonth: null,
    fields: {
      toolsCount: number % 13,
      "odd name": `text ' ${number % 3}`,
      isNew: number % 2 === 0,
    },
    ...changes,
    timestamp,
    day: new Date(timestamp).toISOString().slice(0, 10),
    meta: {
      platform: ["linux", "darwin", "win32"][number % 3] as string,
      systemRelease: "6.1",
      arch: "x64",
      cpuCores: 4 << (number % 3),
      cpuModel: 'Some "Model", at 3 GHz 🚀',
      cpuSpeed: 3000,
      memoryTotal: 16_384,
      isDocker: false,
      isWsl: number % 11 === 0,
      isCI: false,
      ciName: null,
      runtime: "node",
      runtimeVersion: "22.1.0",
      packageManager: "pnpm",
      agent: null,
      ...changes.meta,
    },
    build: {
      success: !isFailure,
      duration: (number * 7919) % 10_007,
      bundler: ["webpack", "vite"][number % 2] as string,
      bundlerVersion: "5.99.0",
      mode: "production",
      watch: false,
      nodeVersion: "22.1.0",
      productVersion: "1.2.3",
      outputSize: isFailure ? null : number * 1000,
      modulesCount: isFailure ? null : number % 900,
      errorPhase: isFailure ? "compile" : null,
      errorType: isFailure ? "TS2307" : null,
      ...changes.build,
    },
  };
}

export function exampleRows(from: number, count: number, changes: Changes = {}): EventRow[] {
  return Array.from({ length: count }, (_, index) => exampleRow(from + index, changes));
}

/** A UUID, version 4. */
export function exampleId(number: number): string {
  const digits = createHash("sha256").update(`event ${number}`).digest("hex");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join("-");
}

export function exampleHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
