// Reads the JSON report of a Vitest run: `node count.mjs <report> <exit status of the run>`.
// Prints "<passed> <failed>" on stdout, and on stderr what failed and why, briefly.
import { readFileSync } from "node:fs";
import path from "node:path";

const [file, exitStatus] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(file, "utf8"));

let passed = 0;
let failed = 0;
const fail = (why) => {
  failed += 1;
  console.error(why);
};

for (const suite of testResults) {
  const tests = suite.assertionResults;
  passed += tests.filter(({ status }) => status === "passed").length;
  for (const { status, fullName, failureMessages } of tests) {
    if (status === "failed")
      fail(`${path.relative("", suite.name)}: ${fullName}\n${brief(failureMessages)}`);
  }

  // Not run: skipped, to do, or left out by `only`. On a laptop something may be missing; the
  // machine that decides has everything, and must not pass because a test looked away.
  for (const { status, fullName } of tests) {
    if (status === "passed" || status === "failed") continue;
    if (isOn(process.env.CI)) fail(`skipped: ${fullName}`);
    else console.error(`skipped, which fails in CI: ${fullName}`);
  }

  // A file that doesn't load, or a hook that throws, has no failed test to show for it.
  if (suite.status === "failed" && !tests.some(({ status }) => status === "failed")) {
    fail(`${suite.name}: ${suite.message || "failed outside its tests"}`);
  }
}

if (passed + failed === 0) fail("no test ran");
if (exitStatus !== "0" && failed === 0) fail("the run failed, though each test passed");
console.log(`${passed} ${failed}`);

/** Each try's message up to the stack's first line, which says where. */
function brief(messages) {
  return messages
    .map((message) => {
      const lines = message.split("\n").map((line) => `  ${line}`);
      const where = lines.findIndex((line) => /^\s+at /.test(line));
      return lines
        .slice(0, where < 0 ? undefined : where + 1)
        .slice(0, 20)
        .join("\n");
    })
    .join("\n");
}

function isOn(value) {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
