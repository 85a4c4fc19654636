import fc from "fast-check";
import { expect, test } from "vitest";
import { eventOf, meta, requestOf } from "../ingest/payloads.ts";
import { countOf, startCollector } from "./collector.ts";

/**
 * Bodies that nobody has thought of, over real HTTP. `FUZZ=ci` sends 50,000, `FUZZ=long` a million;
 * `FUZZ_SEED` repeats a run.
 */
const bodies = { ci: 50_000, long: 1_000_000 }[process.env.FUZZ ?? ""] ?? 2_000;
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const atOnce = 32;

/** Stands in every text that is made here: where it shows, something unlisted was stored. */
const marker = "Zq7marker";

const text = fc.string({ maxLength: 40 }).map((made) => marker + made);
const scalar = fc.oneof(
  text,
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    1e308,
    -1,
    2 ** 53,
    "",
    "\u0000",
    "__proto__",
    "\ud800",
  ),
  fc.double(),
);
const anything = fc.oneof(
  scalar,
  fc.anything({
    values: [scalar],
    key: fc.oneof(text, fc.constantFrom("__proto__", "fields", "toString")),
    maxDepth: 3,
  }),
);

/** A place in a request, and what stands there instead. */
const replacement = fc.record({
  path: fc.constantFrom(
    ...["schemaVersion", "definitions", "batchId", "context", "meta", "events"],
    ...["context.anonymousId", "context.projectHash", "context.extra", "meta.platform"],
    ...["meta.cpuModel", "meta.extra", "events.0", "events.0.id", "events.0.timestamp"],
    ...["events.0.eventName", "events.0.fields", "events.0.fields.duration", "events.0.firstOf"],
    ...["events.0.fields.errorType", "events.0.fields.bundlerVersion", "events.0.fields.extra"],
    ...["events.0.fields.toolsCount", "events.0.sampleRate", "events.5"],
  ),
  value: anything,
});
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: arbitrary as fc.Arbitrary<T | undefined> },
  );
const change = fc.record({
  replacements: fc.array(replacement, { maxLength: 4 }),
  /** Characters cut out of the text. */
  cut: seldom(fc.record({ from: fc.nat(2_000), length: fc.nat(200) })),
  /** One of them turned into another. */
  flip: seldom(fc.record({ at: fc.nat(2_000), to: fc.integer({ min: 0, max: 0xffff }) })),
});

test(`${bodies} bodies: no crash, no error of ours, nothing unlisted stored`, async () => {
  const collector = await startCollector({ ratePerSource: 0, ratePerId: 0 });
  const statuses = new Map<number, number>();
  const send = async (made: Change) => {
    const answer = await collector.post(bodyOf(made, collector.product));
    await answer.arrayBuffer();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  };
  const memory: number[] = [];
  let sent = 0;
  for (let part = 0; sent < bodies; part += 1) {
    const made = fc.sample(change, { numRuns: Math.min(1_000, bodies - sent), seed: seed + part });
    for (let index = 0; index < made.length; index += atOnce) {
      await Promise.all(made.slice(index, index + atOnce).map(send));
    }
    sent += made.length;
    memory.push(process.memoryUsage().heapUsed);
  }
  console.log(
    `FUZZ_SEED=${seed}: ${[...statuses].map(([status, times]) => `${times} × ${status}`).join(", ")}`,
  );

  expect([...statuses.keys()].filter((status) => ![202, 400, 413, 422].includes(status))).toEqual(
    [],
  );
  expect(statuses.get(202)).toBeGreaterThan(0);
  expect(statuses.get(422)).toBeGreaterThan(0);
  // It takes the next one as if nothing had been.
  expect((await collector.post(requestOf(collector.product))).status).toBe(202);
  expect(await countOf(collector, (count) => count > 0)).toBeGreaterThan(0);
  const { reader } = collector.store;
  for await (const rows of reader?.stream(`SELECT * FROM ${reader.dialect.events}`) ?? []) {
    expect(
      JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain(marker);
  }
  if (memory.length >= 20) {
    const average = (of: number[]) => of.reduce((sum, bytes) => sum + bytes, 0) / of.length;
    const [early, late] = [memory.slice(5, 10), memory.slice(-5)].map(average) as [number, number];
    expect(late - early).toBeLessThan(64 * 1024 * 1024);
  }
}, 3_600_000);

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ replacements, cut, flip }: Change, product: { fingerprint: string }): string {
  const request = requestOf(product, { meta: { ...meta }, events: [eventOf()] });
  for (const { path, value } of replacements) replace(request, path.split("."), value);
  let body = stringified(request);
  if (cut) body = body.slice(0, cut.from) + body.slice(cut.from + cut.length);
  if (flip) body = body.slice(0, flip.at) + String.fromCharCode(flip.to) + body.slice(flip.at + 1);
  return body;
}

function replace(of: unknown, [name, ...rest]: string[], value: unknown): void {
  if (typeof of !== "object" || of === null || name === undefined) return;
  const owner = of as Record<string, unknown>;
  if (rest.length === 0) owner[name] = value;
  else replace(owner[name], rest, value);
}

function stringified(request: unknown): string {
  try {
    return JSON.stringify(request, (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
  } catch {
    return marker;
  }
}
