/**
 * xmcp's compiler as it would be with `sendoff/xmcp` in place of its own telemetry module. It comes as
 * one bundled and minified file, in which the module is no longer one; what it exports is known by what
 * stays of it in any build: words of its events, and the order in which they stand.
 */
export function withPreset(compiler: string): string {
  return inPlaceOf.reduce((text, [name, pattern]) => {
    const found = text.match(new RegExp(pattern, "g")) ?? [];
    if (found.length !== 1) {
      throw new Error(`${name} stands ${found.length} times in xmcp's compiler, not once`);
    }
    return text.replace(pattern, `require("sendoff/xmcp").${name}`);
  }, compiler);
}

/** Each export of the preset's, and what it takes the place of. */
const inPlaceOf: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["telemetry", /new class \w+\{get anonymousId\(\)\{return this\.storage.*?(?=;var \w+=\()/s],
  ["TelemetryEventName", enumOf("BUILD_COMPLETED", "build:completed")],
  ["TransportType", enumOf("HTTP", "http")],
  ["ErrorPhase", enumOf("CONFIG", "config")],
  ["AdapterType", enumOf("NONE", "none")],
  ["logBuildSuccess", functionThatTells("BUILD_COMPLETED")],
  ["logBuildFailure", functionThatTells("BUILD_FAILED")],
];

/** `((e={}).KEY="value",e.OTHER="other",e)`, of which the first is given. */
function enumOf(key: string, value: string): RegExp {
  return new RegExp(`\\(\\((\\w+)=\\{\\}\\)\\.${key}="${value}"(?:,\\1\\.\\w+="[^"]+")*,\\1\\)`);
}

/** Inlined where it is called: `function(data,client=telemetry){send(client,{…})}`, and then the call. */
function functionThatTells(event: string): RegExp {
  return new RegExp(
    `function\\(\\w+,(\\w+)=\\w+\\)\\{\\w+\\(\\1,\\{eventName:\\w+\\.${event},fields:\\{[^{}]*\\}\\}\\)\\}`,
  );
}
