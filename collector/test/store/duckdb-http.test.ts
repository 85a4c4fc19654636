import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type DemoRequest, demoHistory } from "../../src/demo/history.ts";
import { createRandom } from "../../src/demo/random.ts";
import { openDuckDb } from "../../src/store/duckdb/store.ts";
import { bundled } from "../bundled.ts";

/**
 * The collector over HTTP, killed and traced: an answer is given after the disk has it. `KILLS` and
 * `KILLS_SEED` as in duckdb-kill.test.ts, whose kills cost a third.
 */
const kills = Number(process.env.KILLS ?? 5);
const seed = Number(process.env.KILLS_SEED ?? Date.now() % 2 ** 31);

let program: string;
let folder: string;

beforeAll(async () => {
  program = await bundled(new URL("../fixtures/serving-collector.ts", import.meta.url));
});
afterAll(() => rm(program));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sendoff-http-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a demo's machines send, over and over with new ids. */
function* bodies(): Generator<DemoRequest["body"]> {
  for (let round = 0; ; round += 1) {
    const history = demoHistory({ seed: seed + round, events: 20_000, days: 3, end: new Date() });
    for (const { body } of history) {
      yield body;
    }
  }
}

async function serve(command: string, args: readonly string[]) {
  const child = execa(command, args, { reject: false, buffer: { stdout: false } });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", async () => reject(new Error(`It has ended: ${(await child).stderr}`)));
  });
  return { child, url: `${url}/v1/events` };
}

async function post(url: string, body: unknown): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

test(
  `what was answered with 202 is there after each of ${kills} kills, once`,
  async () => {
    const random = createRandom(seed);
    const file = join(folder, "telemetry.db");
    const sends = bodies();
    const answered = new Set<string>();
    /** Sent, and nobody knows what became of them: clients send these again. */
    let unsure: DemoRequest["body"][] = [];
    for (let round = 1; round <= kills; round += 1) {
      // The log of the engine is written to its place after each load, or hardly ever.
      const { child, url } = await serve(process.execPath, [program, file, round % 2 ? "0" : "64"]);
      const again = unsure;
      unsure = [];
      let isOver = false;
      const client = async () => {
        while (!isOver) {
          const body = again.pop() ?? (sends.next().value as DemoRequest["body"]);
          const status = await post(url, body).catch(() => undefined);
          if (status === undefined) {
            unsure.push(body);
          } else {
            expect(status).toBe(202);
            answered.add(body.events[0]?.id as string);
          }
        }
      };
      const clients = Promise.all(Array.from({ length: 16 }, client));
      await new Promise((resolve) => setTimeout(resolve, random.integer(3000)));
      child.kill("SIGKILL");
      isOver = true;
      await clients;
      unsure.push(...again);
      const { stderr } = await child;
      expect(stderr).toBe("");

      const store = await openDuckDb({ file, threads: 1 });
      const rows = (await store.reader?.rows("SELECT id FROM events")) ?? [];
      await store.close();
      const stored = new Set(rows.map(({ id }) => id as string));
      const says = `round ${round} of KILLS_SEED=${seed}`;
      expect(stored.size, says).toBe(rows.length);
      expect(
        [...answered].filter((id) => !stored.has(id)),
        says,
      ).toEqual([]);
    }
    expect(answered.size).toBeGreaterThan(kills * 10);
    console.log(`${kills} kills over HTTP, ${answered.size} events answered (KILLS_SEED=${seed})`);
  },
  60_000 + kills * 20_000,
);

test("between the last byte of a body and its 202 the disk is synced", async (context) => {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    context.skip("needs strace");
  }
  const trace = join(folder, "trace");
  const calls = "read,recvfrom,write,writev,pwrite64,sendto,sendmsg,fdatasync,fsync";
  const { child, url } = await serve("strace", [
    ...["-ff", "-ttt", "-T", "-s", "3000", "-e", `trace=${calls}`, "-o", trace],
    ...[process.execPath, program, join(folder, "telemetry.db")],
  ]);
  const sends = bodies();
  const batches: string[] = [];
  for (let number = 0; number < 20; number += 1) {
    const { value } = sends.next() as { value: DemoRequest["body"] };
    batches.push(value.batchId);
    expect(await post(url, value)).toBe(202);
    // By the time of the next one the loader has synced files of its own, or has not.
    await new Promise((resolve) => setTimeout(resolve, 97));
  }
  // strace would let go of it, and end without it.
  const traced = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  process.kill(Number(traced), "SIGTERM");
  await child;

  const lines = await linesOf(folder);
  let from = 0;
  for (const batch of batches) {
    const read = lines.findIndex((line, at) => at >= from && line.includes(batch));
    expect(read).toBeGreaterThanOrEqual(0);
    const answer = lines.findIndex((line, at) => at > read && line.includes("HTTP/1.1 202"));
    expect(answer).toBeGreaterThan(read);
    const between = lines.slice(read + 1, answer);
    const journaled = between.findIndex((line) => /pwrite64.*eventName/.test(line));
    expect(journaled, between.join("\n")).toBeGreaterThanOrEqual(0);
    const isOver = (line: string) => endOf(line) <= startOf(lines[answer] as string);
    const synced = between.findIndex(
      (line, at) => at > journaled && /f(data)?sync\(\d+\) += 0/.test(line) && isOver(line),
    );
    expect(synced, between.join("\n")).toBeGreaterThan(journaled);
    from = answer;
  }
}, 120_000);

const startOf = (line: string) => Number.parseFloat(line);
const endOf = (line: string) => startOf(line) + Number(/<([\d.]+)>$/.exec(line)?.[1]);

/** Of all threads, by the time at which each call began. */
async function linesOf(where: string): Promise<string[]> {
  const names = (await readdir(where)).filter((name) => name.startsWith("trace."));
  const texts = await Promise.all(names.map((name) => readFile(join(where, name), "utf8")));
  return texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => /^\d/.test(line))
    .sort((a, b) => startOf(a) - startOf(b));
}
