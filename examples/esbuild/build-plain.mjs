// The same build without telemetry, to compare with.
import { build } from "./acme.mjs";
import config from "./esbuild.config.mjs";

await build(config);
