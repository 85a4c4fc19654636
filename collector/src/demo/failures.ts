import { type Choices, choices, type Random } from "./random.ts";

/** How builds go wrong on any day: phase × type. */
export interface Failure {
  errorPhase: string;
  errorType: string;
}

const everywhere: [Failure, number][] = [
  [{ errorPhase: "compile", errorType: "TS2307" }, 9],
  [{ errorPhase: "compile", errorType: "TS2322" }, 14],
  [{ errorPhase: "compile", errorType: "TS2339" }, 11],
  [{ errorPhase: "compile", errorType: "TS2345" }, 10],
  [{ errorPhase: "compile", errorType: "TS7006" }, 5],
  [{ errorPhase: "compile", errorType: "SyntaxError" }, 13],
  [{ errorPhase: "resolve", errorType: "ERR_MODULE_NOT_FOUND" }, 7],
  [{ errorPhase: "resolve", errorType: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, 0.4],
  [{ errorPhase: "config", errorType: "TypeError" }, 4],
  [{ errorPhase: "config", errorType: "ERR_MODULE_NOT_FOUND" }, 2],
  [{ errorPhase: "emit", errorType: "ENOSPC" }, 1],
  [{ errorPhase: "emit", errorType: "EACCES" }, 1.5],
  [{ errorPhase: "unknown", errorType: "Aborted" }, 6],
  [{ errorPhase: "unknown", errorType: "UnknownError" }, 5],
];

const byBundler: Record<string, Choices<Failure>> = {
  webpack: choices([
    ...everywhere,
    [{ errorPhase: "resolve", errorType: "ModuleNotFoundError" }, 26],
    [{ errorPhase: "transpile", errorType: "ModuleBuildError" }, 17],
    [{ errorPhase: "compile", errorType: "ModuleParseError" }, 6],
    [{ errorPhase: "config", errorType: "ValidationError" }, 5],
    [{ errorPhase: "webpack", errorType: "HookWebpackError" }, 2],
  ]),
  rspack: choices([
    ...everywhere,
    [{ errorPhase: "resolve", errorType: "ModuleNotFoundError" }, 28],
    [{ errorPhase: "transpile", errorType: "ModuleBuildError" }, 14],
    [{ errorPhase: "config", errorType: "ValidationError" }, 6],
  ]),
};
const others = choices([
  ...everywhere,
  [{ errorPhase: "resolve", errorType: "MODULE_NOT_FOUND" }, 16] as [Failure, number],
]);

export function someFailure(random: Random, bundler: string): Failure {
  return random.pick(byBundler[bundler] ?? others);
}
