/**
 * The drop-in for xmcp's own telemetry module: the same exports, event names, fields, metadata,
 * variables and endpoint. What it does not take over: source lines and file names in `errorType`,
 * events that overwrite each other, a notice that nobody saw, and the wait.
 */
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildEvents } from "../events/build-events.ts";
import { defineEvents } from "../events/define.ts";
import { errorTypes } from "../events/error-list.ts";
import { field } from "../events/fields.ts";
import { readJson } from "../support/files.ts";
import { surroundings } from "../support/paths.ts";
import { createTelemetry } from "../tracker/create-telemetry.ts";
import { later } from "../tracker/later.ts";
import { xmcpsOwnPreferences } from "./xmcp-preferences.ts";

export const TelemetryEventName = {
  BUILD_COMPLETED: "build:completed",
  BUILD_FAILED: "build:failed",
} as const;
export type TelemetryEventName = (typeof TelemetryEventName)[keyof typeof TelemetryEventName];

export const TransportType = { HTTP: "http", STDIO: "stdio" } as const;
export type TransportType = (typeof TransportType)[keyof typeof TransportType];

export const ErrorPhase = {
  CONFIG: "config",
  COMPILE: "compile",
  WEBPACK: "webpack",
  TRANSPILE: "transpile",
} as const;
export type ErrorPhase = (typeof ErrorPhase)[keyof typeof ErrorPhase];

export const AdapterType = {
  NONE: "none",
  EXPRESS: "express",
  NEXTJS: "nextjs",
  NESTJS: "nestjs",
  FASTIFY: "fastify",
} as const;
export type AdapterType = (typeof AdapterType)[keyof typeof AdapterType];

const common = {
  toolsCount: field.count(10_000, "How many tools the project defines."),
  reactToolsCount: field.count(10_000, "How many of its tools are React components."),
  promptsCount: field.count(10_000, "How many prompts the project defines."),
  resourcesCount: field.count(10_000, "How many resources the project defines."),
  transport: field.oneOf(Object.values(TransportType), "How clients reach the server."),
  adapter: field.oneOf(Object.values(AdapterType), "The framework the server is mounted in."),
  xmcpVersion: field.version("The version of xmcp."),
};

/** The tracker, as xmcp's own module exports it. */
export const telemetry = createTelemetry({
  name: "xmcp",
  version: ownVersion(),
  endpoint: "https://telemetry.xmcp.dev/api/telemetry/events",
  policyUrl: "https://xmcp.dev/telemetry",
  events: defineEvents({ ...buildEvents }, { common }),
  metadata: "full",
  preferences: { alsoRead: xmcpsOwnPreferences({ ...surroundings(), tmp: tmpdir() }) },
});

export interface BuildSuccessTelemetry {
  /** Milliseconds. */
  duration: number;
  toolsCount: number;
  reactToolsCount: number;
  promptsCount: number;
  resourcesCount: number;
  transport: TransportType;
  adapter: AdapterType;
  nodeVersion: string;
  xmcpVersion: string;
  /** Bytes. */
  outputSize: number;
}

export interface BuildFailureTelemetry extends Omit<BuildSuccessTelemetry, "outputSize"> {
  errorPhase: ErrorPhase;
  /** An error's class name or code. A message becomes what it speaks of, if that is on the list. */
  errorType: string;
}

type Client = Pick<typeof telemetry, "record" | "flushDetached">;

export function logBuildSuccess(data: BuildSuccessTelemetry, client: Client = telemetry): void {
  const fields = { success: true, ...data };
  client.record({ eventName: TelemetryEventName.BUILD_COMPLETED, fields }, true);
  client.flushDetached("build");
}

export function logBuildFailure(data: BuildFailureTelemetry, client: Client = telemetry): void {
  // What xmcp passes may also be a file's name, or a message.
  const { errorType } = errorTypes().includes(data.errorType)
    ? data
    : later().categorizeError(data.errorType);
  const fields = { success: false, ...data, errorType };
  client.record({ eventName: TelemetryEventName.BUILD_FAILED, fields }, true);
  client.flushDetached("build");
}

/** xmcp's own module takes no version; the package that holds the file that was started knows it. */
function ownVersion(): string {
  try {
    let folder = path.dirname(realpathSync(process.argv[1] ?? ""));
    for (let parent = path.dirname(folder); parent !== folder; parent = path.dirname(folder)) {
      const found = readJson<{ name: string; version: string }>(path.join(folder, "package.json"));
      if (found) return found.name === "xmcp" && found.version ? found.version : "0.0.0";
      folder = parent;
    }
  } catch {
    // Started in another way.
  }
  return "0.0.0";
}
