import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../bench/fleet/main.mjs", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "sendoff-fleet-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  name: string;
  recorded: number;
  delivered: number;
  lost: number;
  stillWaiting: number;
  peakAfter: number;
}

async function simulated(seed: number): Promise<string> {
  const out = path.join(folder, `${seed}-${performance.now()}.json`);
  const words = ["--installations", "10000", "--seed", String(seed), "--out", out];
  await execa(process.execPath, [script, ...words]);
  return readFileSync(out, "utf8");
}

test("a fleet through an outage: the same seed gives the same numbers, and every event is somewhere", async () => {
  const [first, again, other] = [await simulated(1), await simulated(1), await simulated(2)];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  const { results } = JSON.parse(first) as { results: Result[] };
  for (const { delivered, lost, recorded, stillWaiting } of results) {
    expect(delivered + lost + stillWaiting).toBe(recorded);
  }
  const of = (name: string) => results.find((result) => result.name === name) as Result;
  expect(of("sendoff").lost).toBe(0);
  expect(of("once").lost).toBeGreaterThan(of("once").recorded / 50);
  expect(of("sendoff").peakAfter).toBeLessThan(of("no jitter").peakAfter);
});
