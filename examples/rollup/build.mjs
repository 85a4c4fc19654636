import sendoff from "sendoff/rollup";
import { build } from "./acme.mjs";
import config from "./rollup.config.mjs";
import { telemetry } from "./telemetry.mjs";

build({ ...config, plugins: [...config.plugins, sendoff({ telemetry })] });
