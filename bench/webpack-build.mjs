// `node webpack-build.mjs <plain | bare | sendoff>`: the example's webpack build. Nothing is
// minified: what that takes varies more than what is measured.
import path from "node:path";
import { build } from "../examples/webpack/acme.mjs";
import config from "../examples/webpack/webpack.config.mjs";

const plugins = [];
if (process.argv[2] === "bare") {
  // As little as anybody can do who wants something done after a build: start a process.
  process.once("exit", () => {
    const { spawn } = process.getBuiltinModule("node:child_process");
    spawn(process.execPath, ["-e", "0"], { detached: true, stdio: "ignore" }).unref();
  });
}
if (process.argv[2] === "sendoff") {
  const { default: sendoff } = await import("sendoff/webpack");
  const { telemetry } = await import("./product.mjs");
  plugins.push(sendoff({ telemetry }));
}
const output = { path: path.join(process.env.HOME, "out") };
build({ ...config, output, plugins, devtool: false, optimization: { minimize: false } });
