/**
 * The step of a build that failed: `config` its options, `resolve` finding a module, `compile`
 * parsing and type checking, `transpile` a loader or a plugin's transform, `bundle` linking,
 * `webpack` webpack's or Rspack's own steps and the plugins in them, `emit` writing the output.
 */
export const errorPhases = [
  "config",
  "compile",
  "webpack",
  "transpile",
  "resolve",
  "bundle",
  "emit",
  "unknown",
] as const;

export type ErrorPhase = (typeof errorPhases)[number];

/** Class names and codes by the phase they speak of. */
export type ErrorTypeList = { readonly [Phase in ErrorPhase]?: readonly string[] };
