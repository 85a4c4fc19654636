import sendoff from "sendoff/vite";
import { telemetry } from "./telemetry.mjs";
import config from "./vite.config.plain.mjs";

export default { ...config, plugins: [...config.plugins, sendoff({ telemetry })] };
