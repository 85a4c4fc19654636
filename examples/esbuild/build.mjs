import sendoff from "sendoff/esbuild";
import { build } from "./acme.mjs";
import config from "./esbuild.config.mjs";
import { telemetry } from "./telemetry.mjs";

await build({ ...config, plugins: [sendoff({ telemetry })] });
