import { statSync } from "node:fs";
import path from "node:path";
import type { ErrorPhase } from "../events/error-types/list.ts";
import { readJson } from "../support/files.ts";
import { trackBuild } from "./build-run.ts";
import { installedVersion } from "./installed-version.ts";
import { checkOptions, guard, type PluginOptions } from "./options.ts";
import { whenProcessEnds } from "./process-end.ts";

type Config<It> = It | ConfigFunction<It>;
type ConfigFunction<It> = (phase: string, context: { defaultConfig: It }) => It | Promise<It>;

/**
 * Around the config in `next.config`, outside of all that other packages put around it.
 *
 * Next tells nobody how a build ends, and a `webpack` key fails it where Turbopack bundles. So the
 * config stays as it is, and what becomes of the main process is what became of the build.
 */
export default function withSendoff<It extends object>(
  config: Config<It>,
  options: PluginOptions,
): ConfigFunction<It> {
  checkOptions(options, "sendoff/next");
  const folder = typeof config === "object" && "distDir" in config ? config.distDir : ".next";
  let isFollowed = false;
  const follow = guard(
    options.telemetry,
    "next",
  )((phase: string) => {
    // Next asks more than once; and for other commands, as if they were builds too.
    if (isFollowed || phase !== "phase-production-build" || command() !== "build") return;
    isFollowed = true;
    followProcess(options, path.resolve(String(folder)));
  });
  return (phase, context) => {
    follow(phase);
    return typeof config === "function" ? config(phase, context) : config;
  };
}

/** A worker of Next's has none. */
function command(): string | undefined {
  return process.argv.slice(2).find((word) => !word.startsWith("-"));
}

function followProcess(options: PluginOptions, folder: string): void {
  const name = bundlerName();
  // Turbopack is a part of Next; of its webpack Next hides the version.
  const version = name === "turbopack" ? installedVersion("next", process.cwd()) : "";
  const build = trackBuild(options, { name, version, mode: "production" });
  if (build === undefined) return;
  const startTime = Date.now();
  build.start(false);
  whenProcessEnds((code, error) => {
    if (code > 128) return;
    build.end(() =>
      code === 0
        ? { success: true }
        : { success: false, error, errorPhase: phaseIn(folder, startTime) },
    );
    options.telemetry.flushDetached("exit");
  });
}

/** As Next itself decides. */
function bundlerName(): string {
  if (process.env.NEXT_RSPACK) return "rspack";
  return process.env.TURBOPACK ? "turbopack" : "webpack";
}

/** Next notes the stage that a build has reached, from version 15 on. */
function phaseIn(folder: string, startTime: number): ErrorPhase | undefined {
  const file = path.join(folder, "diagnostics", "build-diagnostics.json");
  // It may be an earlier build's.
  if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < startTime) return undefined;
  const { buildStage } = readJson<{ buildStage: string }>(file) ?? {};
  return /compile|type-checking/.test(buildStage ?? "") ? "compile" : undefined;
}
