import sendoff from "sendoff/webpack";
import { build } from "./acme.mjs";
import { telemetry } from "./telemetry.mjs";
import config from "./webpack.config.mjs";

build({ ...config, plugins: [sendoff({ telemetry })] });
