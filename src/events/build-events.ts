import { errorPhases } from "./error-types/list.ts";
import { field, oneOfKnown } from "./fields.ts";
import { errorTypeList } from "./known-lists.ts";

/** The events of a build, for every product: `defineEvents({ ...buildEvents })`. */

const everyBuild = {
  success: field.boolean("Whether the build succeeded."),
  duration: field.milliseconds(
    "How long the build took, by the bundler's own clock if it has one.",
  ),
  bundler: field.oneOf(
    [
      "webpack",
      "rspack",
      "esbuild",
      "vite",
      "rollup",
      "rolldown",
      "bun",
      "turbopack",
      "farm",
      "parcel",
    ],
    "The bundler that ran.",
  ),
  bundlerVersion: field.version("The bundler's version."),
  mode: field.oneOf(["production", "development", "none"], "The mode of the build."),
  watch: field.boolean("Whether the build goes on watching for changes."),
  nodeVersion: field.version("The version of Node.js, or what another runtime stands in for."),
  productVersion: field.version("The version of the product that records this."),
};

export const buildEvents = {
  "build:completed": {
    description: "A build has ended without errors.",
    fields: {
      ...everyBuild,
      outputSize: field.bytes("The size of what was written, where the bundler knows it."),
      modulesCount: field.count(10_000_000, "How many modules were built, where it is known."),
    },
  },
  "build:failed": {
    description: "A build has ended with errors.",
    fields: {
      ...everyBuild,
      errorPhase: field.oneOf(errorPhases, "The step that failed."),
      errorType: oneOfKnown(
        errorTypeList,
        "The error's class or code, if listed; never its message.",
      ),
    },
  },
};
