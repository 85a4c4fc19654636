import type { XmcpConfig } from "xmcp";

/** The server that is built, with nothing of telemetry in it. */
const config: XmcpConfig = {
  stdio: true,
  paths: { prompts: false, resources: false },
};

export default config;
