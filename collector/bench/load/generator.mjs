import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { importSource } from "../bundled.mjs";

const script = fileURLToPath(new URL("requests.lua", import.meta.url));

/** @returns a body as a demo's build sends it, with marks where each request has its own. */
export async function bodyOf(events) {
  const { demoHistory } = await importSource("demo/history");
  const history = demoHistory({ events: 5000, installations: 500, days: 2, end: new Date() });
  for (const { body } of history) {
    const [event] = body.events;
    if (event.eventName === "build:completed" && body.context.projectHash) {
      const one = { ...event, id: "@ID@", fields: { ...event.fields, duration: "@DURATION@" } };
      const all = {
        ...body,
        batchId: "@BATCH@",
        events: Array.from({ length: events }, () => one),
      };
      all.context = { ...all.context, anonymousId: "@WHO@" };
      return JSON.stringify(all).replaceAll('"@DURATION@"', "@DURATION@");
    }
  }
  throw new Error("The demo has no build.");
}

/**
 * One run of wrk, on one thread.
 * @returns requests a second, and milliseconds.
 */
export async function load({ url, body, seconds, connections = 128, delayMs = 0 }) {
  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-load-"));
  const file = path.join(folder, "body.json");
  writeFileSync(file, body);
  try {
    const options = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "-s", script];
    const { stdout } = await execa("wrk", [...options, url], {
      env: { LOAD_BODY: file, LOAD_DELAY: String(delayMs) },
    });
    const line = /^LOAD (.*)$/m.exec(stdout);
    if (!line) throw new Error(stdout);
    const result = JSON.parse(line[1]);
    return { ...result, rate: result.requests / result.seconds };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
