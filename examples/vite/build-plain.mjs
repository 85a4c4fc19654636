// The same build without telemetry, to compare with.
import { build } from "./acme.mjs";
import config from "./vite.config.mjs";

build(config);
