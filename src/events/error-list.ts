import { javascriptErrors } from "./error-types/javascript.ts";
import type { ErrorPhase, ErrorTypeList } from "./error-types/list.ts";
import { messageErrors } from "./error-types/messages.ts";
import { nodeErrors } from "./error-types/node.ts";
import { rolldownErrors } from "./error-types/rolldown.ts";
import { rollupErrors } from "./error-types/rollup.ts";
import { rspackErrors } from "./error-types/rspack.ts";
import { toolErrors } from "./error-types/tools.ts";
import { typescriptErrors } from "./error-types/typescript.ts";
import { viteErrors } from "./error-types/vite.ts";
import { webpackErrors } from "./error-types/webpack.ts";

/** The closed list of what may be said of an error: a class name or a code, and a phase. */
export interface ErrorCategory {
  errorPhase: ErrorPhase;
  errorType: string;
}

/** Made when asked for, as all that is made of it: most builds have no error to tell. */
export const errorLists = (): readonly ErrorTypeList[] => [
  javascriptErrors(),
  nodeErrors(),
  typescriptErrors(),
  webpackErrors(),
  rspackErrors(),
  rollupErrors(),
  rolldownErrors(),
  viteErrors(),
  toolErrors(),
  messageErrors(),
];
export const unknownType = "UnknownError";
/** A build that somebody stopped has no error to be told. */
export const aborted: ErrorCategory = { errorPhase: "unknown", errorType: "Aborted" };

let types: readonly string[] | undefined;

/** Everything an event can say of an error. */
export function errorTypes(): readonly string[] {
  types ??= Object.freeze([
    ...new Set(errorLists().flatMap((list) => Object.values(list).flat())),
    aborted.errorType,
    unknownType,
  ]);
  return types;
}
