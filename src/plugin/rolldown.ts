import type { Plugin, PluginContext } from "rolldown";
import { checkOptions, type PluginOptions } from "./options.ts";
import { rollupHooks } from "./rollup-like.ts";

/** For the `plugins` of a Rolldown config. */
export default function sendoff(options: PluginOptions): Plugin {
  checkOptions(options, "sendoff/rolldown");
  return {
    name: "sendoff",
    ...(options.telemetry.isEnabled &&
      rollupHooks("rolldown", options, ({ meta }: PluginContext) => ({
        version: meta.rolldownVersion,
        // Rolldown has no modes.
        mode: "none",
      }))),
  };
}
