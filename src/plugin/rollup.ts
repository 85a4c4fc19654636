import type { Plugin, PluginContext } from "rollup";
import { checkOptions, type PluginOptions } from "./options.ts";
import { rollupHooks } from "./rollup-like.ts";

/** For the `plugins` of a Rollup config. */
export default function sendoff(options: PluginOptions): Plugin {
  checkOptions(options, "sendoff/rollup");
  return {
    name: "sendoff",
    ...(options.telemetry.isEnabled &&
      rollupHooks("rollup", options, ({ meta }: PluginContext) => ({
        version: meta.rollupVersion,
        // Rollup has no modes.
        mode: "none",
      }))),
  };
}
