import sendoff from "sendoff/astro";
import config from "./astro.config.plain.mjs";
import { telemetry } from "./telemetry.mjs";

export default { ...config, integrations: [sendoff({ telemetry })] };
