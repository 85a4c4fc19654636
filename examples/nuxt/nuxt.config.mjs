import sendoff from "sendoff/nuxt";
import config from "./nuxt.config.plain.mjs";
import { telemetry } from "./telemetry.mjs";

export default { ...config, modules: [sendoff({ telemetry })] };
