import sendoff from "sendoff/rspack";
import { build } from "./acme.mjs";
import config from "./rspack.config.mjs";
import { telemetry } from "./telemetry.mjs";

build({ ...config, plugins: [sendoff({ telemetry })] });
