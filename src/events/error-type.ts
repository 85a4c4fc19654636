import { type ErrorCategory, errorLists, unknownType } from "./error-list.ts";
import { phaseOfHook } from "./error-types/hooks.ts";
import { type ErrorPhase, errorPhases } from "./error-types/list.ts";
import { messagePatterns } from "./error-types/message-patterns.ts";

/**
 * What may be said of an error: a class name or a code from a closed list, and the phase it speaks
 * of. Never its message, and never a name or code that isn't listed: the answer is always one of
 * `errorTypes`, whatever was thrown. Reading an error never throws either: getters that do,
 * proxies, null prototypes, strings and `undefined` all end as a listed word.
 */
export function categorizeError(error: unknown): ErrorCategory {
  let found: ErrorCategory | undefined;
  try {
    found = findCategory(error, new Set());
  } catch {
    // A proxy, most likely: whoever throws one learns nothing from us.
  }
  const { errorType, errorPhase } = found ?? { errorType: unknownType, errorPhase: "unknown" };
  return { errorPhase, errorType: phaseByType().has(errorType) ? errorType : unknownType };
}

/** Made when a build has failed: most don't, and it takes a millisecond. */
let phases: Map<string, ErrorPhase> | undefined;

function phaseByType(): ReadonlyMap<string, ErrorPhase> {
  phases ??= new Map(
    errorLists().flatMap((list) =>
      errorPhases.flatMap((phase) => (list[phase] ?? []).map((type) => [type, phase] as const)),
    ),
  );
  return phases;
}

/** These say who noticed; what went wrong is inside them, if anything listed is. */
const wrappers: ReadonlySet<string> = new Set([
  "AggregateError",
  "EmitError",
  "HookWebpackError",
  "LoaderRunnerError",
  "ModuleBuildError",
  "ModuleError",
  "NonErrorEmittedError",
  "WebpackError",
  unknownType,
]);

/**
 * The outermost error that says something gives the type, except that a wrapper gives way to what
 * it wraps, and lends it a phase if it has none: a `TypeError` in a loader is one of `transpile`.
 */
function findCategory(error: unknown, seen: Set<unknown>): ErrorCategory | undefined {
  if (seen.has(error) || seen.size > maxErrorsRead) return undefined;
  seen.add(error);
  const named = listedCode(error) ?? listedClass(error);
  if (named !== undefined && !wrappers.has(named)) return categoryOf(named, error);
  const text = textOf(error);
  const wrapper = named ?? wrapperOf(error, text);
  let found = wrapper === undefined ? undefined : categoryOf(wrapper, error);
  for (const inner of innerErrors(error)) {
    const category = findCategory(inner, seen);
    if (category !== undefined && !wrappers.has(category.errorType)) return within(found, category);
    found ??= category;
  }
  const said = typeOfText(text) ?? typeOfMessage(error);
  return said === undefined ? found : within(found, categoryOf(said, error));
}

function within(outer: ErrorCategory | undefined, inner: ErrorCategory): ErrorCategory {
  if (outer === undefined || inner.errorPhase !== "unknown") return inner;
  return { errorType: inner.errorType, errorPhase: outer.errorPhase };
}

/** What wraps without a class to show for it: an error as text, that of a plugin. */
function wrapperOf(error: unknown, text: string | undefined): string | undefined {
  const said = wrappersInText.find(([prefix]) => text !== undefined && prefix.test(text));
  if (said !== undefined) return said[1];
  return isPluginMessage(error) || phaseOfHook.has(read(error, "hook")) ? unknownType : undefined;
}

function categoryOf(errorType: string, error: unknown): ErrorCategory {
  return { errorType, errorPhase: phaseOf(errorType, error) };
}

/** Where errors keep the errors they stand for: webpack, Rollup and esbuild each in its own way. */
const innerKeys = ["error", "cause", "originalError", "detail"];
/** Far more than bundlers nest; ends circular causes and long lists. */
const maxErrorsRead = 50;

function innerErrors(error: unknown): unknown[] {
  const list = Array.isArray(error) ? error : read(error, "errors");
  return [
    ...innerKeys.map((key) => read(error, key)).filter((inner) => inner !== undefined),
    ...(Array.isArray(list) ? list.slice(0, maxErrorsRead) : []),
  ];
}

function listedCode(error: unknown): string | undefined {
  for (const key of ["code", "pluginCode"]) {
    const code = read(error, key);
    // TypeScript's diagnostics carry a number, and their text as `messageText`.
    const isDiagnostic = typeof code === "number" && read(error, "messageText") !== undefined;
    const type = listed(isDiagnostic ? `TS${code}` : code);
    if (type !== undefined) return type;
  }
  return undefined;
}

/** Deeper than anybody's hierarchy of errors. */
const maxSubclasses = 6;

/** By `name`, else by the constructors' names from the class upward: minified ones aren't listed. */
function listedClass(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const byName = listed(read(error, "name"));
  if (byName !== undefined) return byName;
  let prototype: unknown = Object.getPrototypeOf(error);
  for (let level = 0; level < maxSubclasses && prototype; level++) {
    const byClass = listed(read(read(prototype, "constructor"), "name"));
    if (byClass !== undefined) return byClass;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

const typescriptCode = /^TS\d{4,5}$/;

function listed(word: unknown): string | undefined {
  if (typeof word !== "string") return undefined;
  if (phaseByType().has(word)) return word;
  return typescriptCode.test(word) ? "TypeScriptError" : undefined;
}

/** A stack, or the file a loader choked on, can hang on a message; its beginning says it all. */
const textMaxLength = 2000;
/** Rspack's messages are drawn for a terminal. */
const marks = /^(?:[\s×│├╰─▶]|\W\[\d+m|x\s)+/;
const wrappersInText: readonly (readonly [prefix: RegExp, errorType: string])[] = [
  [/^(?:\w+Error: )?Module (?:build failed|Error)(?: \(from [^\n]*\))?:\s*/, "ModuleBuildError"],
  [/^caused by plugins in \w+\.hooks\.\w+\s*/, "HookWebpackError"],
  [/^Rspack FS Error: (?:IO error: )?(?:Error: )?/, "EmitError"],
];
/** As Rollup and Vite put it before a plugin's message, with a place: `[vite:json] a.json (1:1): `. */
const pluginPrefix =
  /^(?:\[(?:plugin [^\]\n]+|[\w-]+:[\w-]+)\] ){1,3}(?:Error:)?(?:[^\n:]*\(\d+:\d+\): )?/;
const leadingClass = /^(?:Uncaught )?([A-Za-z_]\w{2,40}):/;
const typescriptInText = /\bTS\d{4,5}(?=:)/;

function typeOfText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const said = wrappersInText
    .reduce((rest, [prefix]) => rest.replace(prefix, ""), text)
    .replace(marks, "")
    .replace(pluginPrefix, "")
    .replace(marks, "");
  for (const [pattern, errorType] of messagePatterns) if (pattern.test(said)) return errorType;
  const type = listed(leadingClass.exec(said)?.[1]) ?? listed(typescriptInText.exec(said)?.[0]);
  return type === undefined || wrappers.has(type) ? undefined : type;
}

/** esbuild's own messages with a place in a file, and without a plugin, are its parsers'. */
function typeOfMessage(error: unknown): string | undefined {
  const isParsers =
    typeof read(error, "text") === "string" &&
    typeof read(read(error, "location"), "line") === "number" &&
    read(error, "pluginName") === "";
  return isParsers ? "SyntaxError" : undefined;
}

function isPluginMessage(error: unknown): boolean {
  const plugin = read(error, "pluginName");
  return typeof plugin === "string" && plugin !== "";
}

function textOf(error: unknown): string | undefined {
  const text = typeof error === "string" ? error : (read(error, "text") ?? read(error, "message"));
  return typeof text === "string" ? text.slice(0, textMaxLength).replace(marks, "") : undefined;
}

const writing = new Set<unknown>([
  "mkdir",
  "write",
  "rename",
  "unlink",
  "rmdir",
  "copyfile",
  "ftruncate",
]);

/** A code of the system fits every phase, unless the call that failed was one that writes. */
function phaseOf(errorType: string, error: unknown): ErrorPhase {
  const phase = phaseByType().get(errorType) ?? (isPluginMessage(error) ? "transpile" : "unknown");
  if (phase !== "unknown") return phase;
  const phaseInHook = phaseOfHook.get(read(error, "hook"));
  if (phaseInHook !== undefined) return phaseInHook;
  return writing.has(read(error, "syscall")) ? "emit" : "unknown";
}

/** `undefined` where there is no such property, or its getter throws. */
function read(holder: unknown, key: string): unknown {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null)
    return undefined;
  try {
    return (holder as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
