import withSendoff from "sendoff/next";
import config from "./next.config.plain.mjs";
import { telemetry } from "./telemetry.mjs";

export default withSendoff(config, { telemetry });
