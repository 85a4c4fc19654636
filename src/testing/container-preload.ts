/**
 * Tests run on laptops and in containers, and telemetry has reasons to behave differently there
 * (see `metadata/container.ts`). What the build looks at can't be changed from outside, so a child
 * is given this first: it sees the place that the test asked for, and everything else as it is. The
 * sender doesn't inherit it.
 */
export function containerPreload(isContainer: boolean): string {
  return `"use strict";
const fs = require("node:fs");
const os = require("node:os");
const { existsSync } = fs;
const { hostname } = os;
const marks = ["/.dockerenv", "/run/.containerenv"];
fs.existsSync = (file) => (marks.includes(file) ? ${isContainer} : existsSync(file));
os.hostname = () => (hostname() === "buildkitsandbox" ? "localhost" : hostname());
require("node:module").syncBuiltinESMExports();
`;
}
