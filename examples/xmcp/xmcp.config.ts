import sendoff from "sendoff/rspack";
import type { XmcpConfig } from "xmcp";
import { telemetry } from "./telemetry.mjs";
import plain from "./xmcp.config.plain.ts";

const config: XmcpConfig = {
  ...plain,
  bundler: (rspack) => ({ ...rspack, plugins: [...rspack.plugins, sendoff({ telemetry })] }),
};

export default config;
