import sendoff from "sendoff/rolldown";
import { build } from "./acme.mjs";
import config from "./rolldown.config.mjs";
import { telemetry } from "./telemetry.mjs";

build({ ...config, plugins: [...config.plugins, sendoff({ telemetry })] });
