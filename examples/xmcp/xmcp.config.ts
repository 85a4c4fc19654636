import type { XmcpConfig } from "xmcp";
import plain from "./xmcp.config.plain.ts";

// xmcp bundles and minifies what a config imports, anew for each build; what Node loads it doesn't.
const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
const sendoff = load("sendoff/rspack");
const { telemetry } = load("./telemetry.mjs");

const config: XmcpConfig = {
  ...plain,
  bundler: (rspack) => ({ ...rspack, plugins: [...rspack.plugins, sendoff({ telemetry })] }),
};

export default config;
