import sendoff from "sendoff/vite";
import { build } from "./acme.mjs";
import { telemetry } from "./telemetry.mjs";
import config from "./vite.config.mjs";

build({ ...config, plugins: [...config.plugins, sendoff({ telemetry })] });
