// Writes docs/cli.md: a session with every command, driven in a real terminal (tmux), so that the
// page shows what people see. With `--check` it compares, and fails where the page is behind.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isolatedHome, startReceiver } from "sendoff/testing";

const root = fileURLToPath(new URL("..", import.meta.url));
const example = path.join(root, "examples/framework-cli");
const page = path.join(root, "docs/cli.md");
const columns = 92;
const rows = 400;

const receiver = await startReceiver();
const home = isolatedHome({
  env: { ACME_TELEMETRY_ENDPOINT: receiver.url, TERM: "xterm-256color" },
});
const socket = path.join(home.path, "tmux");
/** What stands on the page in the place of an id. */
const samples = new Map();

try {
  // A server without a session ends.
  await tmux("new-session", "-d", "-s", "keep", "sleep 600");
  const text = await session();
  if (process.argv.includes("--check")) {
    if (readFileSync(page, "utf8") === text)
      console.log("docs/cli.md shows what the commands say.");
    else throw new Error(firstDifference(readFileSync(page, "utf8"), text));
  } else {
    writeFileSync(page, text);
    console.log("docs/cli.md is written.");
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await tmux("kill-server").catch(() => {});
  await senderGone();
  await receiver.stop();
  home.remove();
}

async function session() {
  const acme = path.join(home.path, "acme");
  writeFileSync(acme, `#!/bin/sh\nexec "${process.execPath}" "${example}/acme.mjs" "$@"\n`);
  chmodSync(acme, 0o755);
  const show = async (command) =>
    `\`\`\`console\n$ ${command}\n${await inTerminal(command)}\n\`\`\``;

  const sections = [
    "# The commands, in a terminal",
    "<!-- Written by `npm run docs:cli`, which runs them all: not to be edited by hand. -->",
    "What the developer sees whose builds are counted. `acme` is the little framework of\n" +
      "[examples/framework-cli](../examples/framework-cli), with the commands mounted as\n" +
      "`acme telemetry`. For any product that uses sendoff, `npx sendoff status --name acme` and so on\n" +
      "do the same. Ids, times and what belongs to a machine are replaced by samples, and what a build\n" +
      "took by dots.",
    "## The first build",
    "It shows the notice, and sends nothing.",
    await show("acme build"),
    "## status",
    await show("acme telemetry status"),
    "## show",
    "The first build's event waits. Here it can be looked at, and refused: `disable` deletes it.",
    await show("acme telemetry show"),
    "As a page for the browser, with what every field means and with switches, it is there until\n" +
      "Ctrl-C, for one browser alone:",
    await show("acme telemetry show --help"),
    "## The second build",
    "Nothing is shown any more. As it ends, a sender delivers what waits.",
    await show("acme build"),
  ];
  await receiver.waitForRequests(2);
  await senderGone();
  sections.push(
    await show("acme telemetry status"),
    "## events",
    await show("acme telemetry events"),
    "The same as a page, TELEMETRY.md, is held to the definitions in a product's CI:",
    await show("acme telemetry events --check TELEMETRY.md"),
    "## try",
    await show("acme telemetry try --pairs 3 -- acme build"),
    "## doctor",
    await show("acme telemetry doctor"),
    "## flush",
  );
  receiver.behave({ status: 503 });
  await inTerminal("acme build");
  await senderGone();
  lengthenBackoff();
  sections.push(
    "An endpoint that is down is left alone for a while, and the event waits:",
    await show("acme telemetry status"),
    await show("acme telemetry flush"),
  );
  receiver.behave("accept");
  sections.push(
    "Up again:",
    await show("acme telemetry flush"),
    "## local",
    await show("acme telemetry local"),
    "## enable",
    await show("acme telemetry enable"),
    "## reset",
    await show("acme telemetry reset"),
    "## erase",
  );
  receiver.behave({ status: 503 });
  sections.push(await show("acme telemetry erase"), "Asked again:");
  receiver.behave("accept");
  sections.push(await show("acme telemetry erase"), "## disable", "After another first build:");
  await inTerminal("acme build");
  sections.push(
    await show("acme telemetry disable"),
    await show("acme build"),
    await show("acme telemetry status"),
    "## What isn't understood",
    await show("acme telemetry statsu"),
    "## --help",
    await show("acme telemetry --help"),
    await show("acme telemetry disable --help"),
  );
  return `${sections.join("\n\n")}\n`;
}

/** What stands in the terminal when the command has ended, without what a machine makes of it. */
async function inTerminal(command) {
  const done = `done-${Math.random().toString(36).slice(2)}`;
  const shell = `PATH="${home.path}:$PATH"; export ACME_EXAMPLE_OUT="${home.path}/out"; cd "${example}"; ${command}; ${tmuxWords("wait-for", "-S", done)}; sleep 60`;
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), "-s", done, shell);
  await tmux("wait-for", done);
  const text = await tmux("capture-pane", "-p", "-J", "-t", done);
  await tmux("kill-session", "-t", done);
  return normalised(text.trimEnd());
}

async function tmux(...words) {
  try {
    // Not the synchronous one: the receiver is in this process, and has to answer.
    const run = promisify(execFile)("tmux", ["-S", socket, "-f", "/dev/null", ...words], {
      env: home.env,
    });
    return (await run).stdout;
  } catch (error) {
    if (error.code === "ENOENT") throw new Error("This takes tmux: install it and try again.");
    throw error;
  }
}

function tmuxWords(...words) {
  return ["tmux", "-S", `"${socket}"`, ...words].join(" ");
}

/** It may be over in a moment, or take a minute: the dice decide. */
function lengthenBackoff() {
  const folder = path.join(home.stateFolder("acme"), "backoff");
  for (const name of readdirSync(folder)) {
    const minute = { failures: 1, until: Date.now() + 60_000 };
    writeFileSync(path.join(folder, name), JSON.stringify(minute));
  }
}

/** A sender has an end, and no event that says so. */
async function senderGone() {
  const lock = path.join(home.stateFolder("acme"), "sender.lock");
  while (existsSync(lock)) await pause(50);
}

function normalised(text) {
  const machine = {
    systemRelease: '"6.1"',
    arch: '"x64"',
    platform: '"linux"',
    cpuCores: "8",
    cpuModel: '"AMD Ryzen 7"',
    cpuSpeed: "3000",
    memoryTotal: "32000",
    isDocker: "false",
    runtimeVersion: '"22.1.0"',
    nodeVersion: '"22.1.0"',
    bundlerVersion: '"0.28.0"',
    duration: "812",
    outputSize: "165",
    timestamp: '"2026-11-20T19:00:00.000Z"',
  };
  return text
    .replaceAll(new URL(receiver.url).host, "telemetry.acme.dev")
    .replaceAll(path.join(home.path, "config"), "~/.config")
    .replaceAll(path.join(home.path, "state"), "~/.local/state")
    .replaceAll(path.join(root, "dist"), "~/site/node_modules/sendoff/dist")
    .replace(/"(\w+)": ([^\n{[]*?)(,?)$/gm, (whole, key, _value, comma) =>
      key in machine ? `"${key}": ${machine[key]}${comma}` : whole,
    )
    .replace(/(?<=": ")([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=")/g, sampleOf)
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "2026-11-20 19:42:07 UTC")
    .replace(/\b(\d+ seconds? ago|1 minute ago)\b/g, "just now")
    .replace(/Node\.js \d+\.\d+\.\d+/g, "Node.js 22.1.0")
    .replace(/([+-]?)\b\d+ ms\b/g, "… ms")
    .replace(/(would send), \d+ bytes/g, "$1, … bytes");
}

/** The same id gets the same sample, of the same form, so that what belongs together shows. */
function sampleOf(id) {
  if (!samples.has(id)) {
    const digits = createHash("sha256").update(`sample ${samples.size}`).digest("hex");
    samples.set(
      id,
      id.replace(/[0-9a-f]/g, (_, i) => digits[i]),
    );
  }
  return samples.get(id);
}

function firstDifference(is, should) {
  const [before, after] = [is.split("\n"), should.split("\n")];
  const line = after.findIndex((text, i) => text !== before[i]);
  const at = line === -1 ? after.length : line;
  return [
    `docs/cli.md is behind, first in line ${at + 1}:`,
    `  it says   ${before[at] ?? "(nothing)"}`,
    `  it is     ${after[at] ?? "(nothing)"}`,
    "Write it anew: npm run docs:cli",
  ].join("\n");
}
