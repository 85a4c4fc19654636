import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildEvents } from "../../src/events/build-events.ts";
import { defineEvents } from "../../src/events/define.ts";
import { field } from "../../src/events/fields.ts";
import { collectedFields } from "../../src/events/fingerprint.ts";
import { type Batch, readDays } from "../../src/spool/index.ts";
import { envPrefix } from "../../src/support/env.ts";
import { type Places, placesFor } from "../../src/support/paths.ts";
import { quietEnv } from "../../src/testing/quiet-env.ts";
import { createTelemetry, getTelemetry } from "../../src/tracker/create-telemetry.ts";
import type { TelemetryOptions } from "../../src/tracker/options.ts";
import { ownFolder } from "./own-folder.ts";

/**
 * A machine that has seen the notice, so that nothing is printed, and no sender beside vitest, so
 * that none is started. A test's process has a channel to its parent: batches are settled at once.
 */
const folder = ownFolder();
const definitions = defineEvents(
  {
    ...buildEvents,
    "page:rare": { description: "Seldom.", fields: {}, sample: 0.25 },
    "page:rarer": { description: "More so.", fields: {}, sample: 0.2 },
    "page:seen": {
      description: "Somebody looked.",
      fields: { times: field.count(9, "How often."), productVersion: field.boolean("Odd.") },
    },
  },
  { counts: ["click"] },
);
const anonymousId = "ab".repeat(32);
const salt = "cd".repeat(16);

let products = 0;
let name: string;
let places: Places;
beforeEach(() => {
  const quiet = quietEnv(process.env);
  for (const key of Object.keys(process.env)) if (!(key in quiet)) vi.stubEnv(key, undefined);
  vi.stubEnv("XDG_CONFIG_HOME", folder.at("config"));
  vi.stubEnv("XDG_STATE_HOME", folder.at("state"));
  name = `acme-${++products}`;
  places = placesFor(name);
});
afterEach(() => vi.unstubAllEnvs());

function introduced(given: Record<string, unknown> = {}): void {
  const preferences = { notifiedAt: String(Date.now() - 1000), anonymousId, salt, ...given };
  const entries = Object.entries(preferences).map(([key, value]) => [`telemetry.${key}`, value]);
  write(places.preferences, Object.fromEntries(entries));
  write(places.notices, { shownAt: 1, fields: collectedFields(definitions) });
}
const write = (file: string, content: unknown) =>
  folder.write(path.relative(folder.at(), file), content);

const create = (given: Partial<TelemetryOptions> = {}) =>
  createTelemetry({
    name,
    version: "1.2.3",
    endpoint: "http://127.0.0.1:9/events",
    events: definitions,
    ...(given as object),
  });

function batches(): Batch[] {
  if (!existsSync(places.spool)) return [];
  return readdirSync(places.spool).map((file) =>
    JSON.parse(readFileSync(path.join(places.spool, file), "utf8")),
  );
}
const events = () => batches().flatMap((batch) => batch.content.events);
const build = (fields: object = {}) => ({ eventName: "build:completed", fields }) as const;

describe("one tracker", () => {
  test("serves a name, however often it is created", () => {
    const telemetry = create();
    expect(create({ version: "9.9.9" })).toBe(telemetry);
    expect(getTelemetry(name)).toBe(telemetry);
    expect(getTelemetry("somebody-else")).toBeUndefined();
    expect(telemetry.name).toBe(name);
  });

  test("serves one name only", () => {
    const telemetry = create();
    name = `${name}-other`;
    expect(create()).not.toBe(telemetry);
  });

  test("is there for other copies of this module, too", () => {
    const telemetry = create();
    const shared = Reflect.get(globalThis, Symbol.for("sendoff.telemetry.v1"));
    expect(shared.get(name)).toBe(telemetry);
  });

  test("is checked each time it is created", () => {
    create();
    expect(() => create({ endpoint: "http://acme.dev/" })).toThrow('"endpoint"');
  });

  test("touches no disk when it is created", () => {
    create();
    expect(readdirSync(folder.at())).toEqual([]);
  });
});

describe("an event", () => {
  test("is on disk when record resolves, under the ids of this machine and run", async () => {
    introduced();
    const result = await create().record(build({ duration: 812.4, bundler: "webpack" }));
    expect(result).toEqual({ isFulfilled: true, isRejected: false });
    const [batch] = batches();
    expect(batch).toMatchObject({ format: 1, product: name, version: "1.2.3" });
    expect(batch?.content.context).toEqual({
      anonymousId,
      projectHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      sessionId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(batch?.content.events).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventName: "build:completed",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/),
        fields: { duration: 812, bundler: "webpack", productVersion: "1.2.3" },
      },
    ]);
  });

  test("says the product's version without what somebody typed, unless it says one itself", async () => {
    introduced();
    const telemetry = create({ version: "1.2.3-jos-branch" });
    await telemetry.record([build(), build({ productVersion: "4.5.6" })]);
    expect(events().map(({ fields }) => fields.productVersion)).toEqual(["1.2.3", "4.5.6"]);
  });

  test("says no version in a field that takes none", async () => {
    introduced();
    await create().record({ eventName: "page:seen", fields: { times: 1 } });
    expect(events().map(({ fields }) => fields)).toEqual([{ times: 1 }]);
  });

  test.each<[what: string, event: unknown]>([
    ["is not defined", { eventName: "page:left", fields: {} }],
    ["is nothing", undefined],
    ["is a prototype's name", { eventName: "__proto__", fields: {} }],
    [
      "throws when it is read",
      {
        get eventName(): string {
          throw new Error("no name");
        },
        fields: {},
      },
    ],
    [
      "throws at every touch",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("no");
          },
        },
      ),
    ],
  ])(
    "that %s is dropped, the others of its list are not, and nothing throws",
    async (_what, event) => {
      introduced();
      const result = await create().record([build(), event, build()] as never);
      expect(result).toEqual({ isFulfilled: false, isRejected: true });
      expect(events()).toHaveLength(2);
    },
  );

  test("keeps what is valid of its fields", async () => {
    introduced();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const fields = { success: true, duration: -1, mode: 5, bundler: circular, file: "/home/jo" };
    await create().record(build(fields));
    expect(events()[0]?.fields).toEqual({ success: true, productVersion: "1.2.3" });
    expect(JSON.stringify(batches())).not.toContain("jo");
  });

  test("that is deferred is in memory until the flush", async () => {
    introduced();
    const telemetry = create();
    await telemetry.record(build(), true);
    expect(batches()).toEqual([]);
    telemetry.flushDetached("build");
    expect(events()).toHaveLength(1);
    telemetry.flushDetached("build");
    expect(events()).toHaveLength(1);
  });
});

describe("nothing is written, nor made", () => {
  const isUntouched = () => expect(readdirSync(folder.at())).toEqual([]);

  test("with enabled: false", async () => {
    const telemetry = create({ enabled: false });
    expect(await telemetry.record(build())).toMatchObject({ isFulfilled: false });
    telemetry.count("click");
    telemetry.flushDetached("dev");
    expect(telemetry.isEnabled).toBe(false);
    isUntouched();
  });

  test.each(["DO_NOT_TRACK", "OFF"])("with %s", async (variable) => {
    vi.stubEnv(variable, "1");
    const telemetry = create({ env: { disabled: ["OFF"] } });
    await telemetry.record(build());
    telemetry.count("click");
    expect(telemetry.isDisabled).toBe(true);
    isUntouched();
  });

  test("in a process that is a sender itself: it would start senders without end", async () => {
    vi.stubEnv("SENDOFF_SENDER", "{}");
    await create().record(build());
    isUntouched();
  });

  test("while a product's promise is pending, nor when it says no, or breaks", async () => {
    const no = create({ enabled: Promise.resolve(false) });
    void no.record(build());
    name = `${name}-broken`;
    const broken = create({ enabled: Promise.reject(new Error("no config")) });
    void broken.record(build());
    await new Promise((resolve) => setImmediate(resolve));
    no.flushDetached("dev");
    broken.flushDetached("dev");
    isUntouched();
  });

  test("of an event whose fields are a promise, not awaited by anybody, or none", async () => {
    introduced();
    const telemetry = create();
    for (const fields of [async () => ({}), () => Promise.reject(new Error("x")), () => null]) {
      const { isFulfilled } = await telemetry.record("build:completed", fields as never);
      expect(isFulfilled).toBe(false);
    }
    // Time for a rejection that nobody handles: the runner would fail.
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches()).toEqual([]);
  });

  test("when it is turned off between record and flush", async () => {
    introduced();
    const telemetry = create();
    await telemetry.record(build(), true);
    write(places.preferences, { "telemetry.enabled": false });
    telemetry.flushDetached("build");
    expect(batches()).toEqual([]);
  });
});

test("what was recorded while a product's promise was pending is written when it says yes", async () => {
  introduced();
  let say: (yes: boolean) => void = () => {};
  const enabled = new Promise<boolean>((resolve) => {
    say = resolve;
  });
  const telemetry = create({ enabled });
  await telemetry.record(build());
  telemetry.count("click", { error: true });
  expect([...batches(), ...readDays(places.rollups)]).toEqual([]);
  say(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(events()).toHaveLength(1);
  expect(readDays(places.rollups)).toMatchObject([
    { counts: [{ name: "click", count: 1, errors: 1 }] },
  ]);
});

describe("the ids of a batch", () => {
  test("are none with identity: none", async () => {
    introduced();
    await create({ identity: "none" }).record(build());
    const [batch] = batches();
    expect(batch?.content.context).toMatchObject({ anonymousId: null, projectHash: null });
    expect(JSON.stringify(batch?.content.context)).not.toMatch(/[0-9a-f]{64}/);
  });

  test("are renewed, all of them, when their time is over", async () => {
    const day = 24 * 60 * 60 * 1000;
    introduced({ notifiedAt: String(Date.now() - 31 * day) });
    await create({ rotateDays: 365 }).record(build());
    const [first] = batches();
    expect(first?.content.context.anonymousId).toBe(anonymousId);
    const from = places;
    name = `${name}-renewed`;
    places = placesFor(name);
    introduced({ notifiedAt: String(Date.now() - 31 * day) });
    await create({ rotateDays: 30 }).record(build());
    const [later] = batches();
    expect(from.spool).not.toBe(places.spool);
    expect(later?.content.context.anonymousId).not.toBe(anonymousId);
    expect(create({ rotateDays: 30 }).anonymousId).toBe(later?.content.context.anonymousId);
    expect(later?.content.context.projectHash).not.toBe(first?.content.context.projectHash);
  });

  test("never show the salt, nor the project's name or place", async () => {
    introduced();
    await create().record(build());
    const text = JSON.stringify(batches());
    for (const secret of [salt, process.cwd(), '"sendoff"']) expect(text).not.toContain(secret);
  });
});

describe("a sampled event", () => {
  const rare = () => ({ eventName: "page:rare", fields: {} }) as const;
  const runs = Array.from({ length: 200 }, (_, i) => i.toString(16).padStart(64, "0"));
  /** A tracker in a process of that run. */
  function inRun(run: string): ReturnType<typeof create> {
    name = `acme-${++products}`;
    places = placesFor(name);
    vi.stubEnv(`${envPrefix(name)}_TELEMETRY_SESSION`, `${run}.${Date.now()}`);
    return create();
  }
  const takes = async (run: string, event: Parameters<typeof isTaken>[1]) =>
    isTaken(inRun(run), event);
  async function isTaken(telemetry: ReturnType<typeof create>, event: ReturnType<typeof rare>) {
    return (await telemetry.record(event, true)).isFulfilled;
  }
  async function runsThatTake(isWanted: boolean, event = rare()): Promise<string[]> {
    const taken = await Promise.all(runs.map((run) => takes(run, event)));
    return runs.filter((_, i) => taken[i] === isWanted);
  }

  test("is recorded by that share of the runs, and says so", async () => {
    const taken = await runsThatTake(true);
    expect(taken.length / runs.length).toBeGreaterThan(0.2);
    expect(taken.length / runs.length).toBeLessThan(0.3);
    const telemetry = inRun(taken[0] as string);
    introduced();
    await telemetry.record(rare());
    expect(events()).toMatchObject([{ eventName: "page:rare", sampleRate: 0.25 }]);
  });

  test("is recorded by all processes of a run, or by none, however often", async () => {
    for (const run of runs.slice(0, 40)) {
      const first = inRun(run);
      const second = inRun(run);
      const all = [await isTaken(first, rare()), await isTaken(first, rare())];
      expect(new Set([...all, await isTaken(second, rare())]).size).toBe(1);
    }
  });

  test("is chosen for itself, not with another", async () => {
    const other = { eventName: "page:rarer", fields: {} } as never;
    const [ofBoth, ofOther] = [await runsThatTake(true), await runsThatTake(true, other)];
    expect(ofOther.some((run) => !ofBoth.includes(run))).toBe(true);
  });

  test("never touches the disk in a run that leaves it out", async () => {
    const [run] = await runsThatTake(false);
    const telemetry = inRun(run as string);
    introduced();
    const fields = vi.fn(() => ({}));
    expect((await telemetry.record(rare())).isFulfilled).toBe(false);
    expect((await telemetry.record("page:rare" as never, fields as never)).isFulfilled).toBe(false);
    telemetry.flushDetached("dev");
    expect(fields).not.toHaveBeenCalled();
    expect(readdirSync(places.state)).toEqual(["notices.json"]);
  });

  test("that is left out gives its place to one that isn't, and takes the place of none", async () => {
    const [run] = await runsThatTake(false);
    const telemetry = inRun(run as string);
    introduced();
    const [first, by] = [rare(), build({ success: true })];
    await telemetry.record(first, true);
    expect(telemetry.amend(first, by)).toBe(true);
    expect(telemetry.amend(by, first)).toBe(true);
    expect(telemetry.amend(first, by)).toBe(true);
    telemetry.flushDetached("dev");
    expect(events()).toMatchObject([{ eventName: "build:completed" }]);
    await telemetry.record(first, true);
    telemetry.flushDetached("dev");
    expect(telemetry.amend(first, by)).toBe(false);
  });
});

describe("fields that cost something", () => {
  const record = (telemetry: ReturnType<typeof create>, fields: () => object) =>
    telemetry.record("build:completed" as never, fields as never);

  test("are asked for where they are recorded", async () => {
    introduced();
    const { isFulfilled } = await record(create(), () => ({ success: true, watch: undefined }));
    expect(isFulfilled).toBe(true);
    expect(events()).toMatchObject([{ fields: { success: true, productVersion: "1.2.3" } }]);
  });

  test.each<[by: string, options: Partial<TelemetryOptions>, enabled?: boolean, env?: string]>([
    ["the product", { enabled: false }],
    ["its promise", { enabled: Promise.resolve(false) }],
    ["the preferences", {}, false],
    ["the environment", {}, true, "1"],
  ])("are not asked for where it is off by %s", async (_by, options, enabled = true, env = "") => {
    introduced({ enabled });
    vi.stubEnv("DO_NOT_TRACK", env);
    const telemetry = create(options);
    const fields = vi.fn(() => ({}));
    await record(telemetry, fields);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fields).not.toHaveBeenCalled();
    expect(batches()).toEqual([]);
  });

  test("are asked for when a product's promise says yes, and not before", async () => {
    introduced();
    let say: (yes: boolean) => void = () => {};
    const telemetry = create({ enabled: new Promise((resolve) => (say = resolve)) });
    const fields = vi.fn(() => ({ success: true }));
    const before = new Date().toISOString().slice(0, 13);
    await record(telemetry, fields);
    expect(fields).not.toHaveBeenCalled();
    say(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fields).toHaveBeenCalledOnce();
    expect(events()).toMatchObject([{ timestamp: expect.stringContaining(before) }]);
  });

  test("that throw cost the event, and no other", async () => {
    introduced();
    const telemetry = create();
    const { isFulfilled } = await record(telemetry, () => {
      throw new Error("/home/jo");
    });
    expect(isFulfilled).toBe(false);
    await telemetry.record(build());
    expect(events()).toHaveLength(1);
  });
});

describe("without ids, the first event of a day, week and month says that it is", () => {
  const none = { identity: "none" } as const;
  const firsts = () => events().map(({ firstOf }) => firstOf);
  const all = { day: true, week: true, month: true };

  test("and no other", async () => {
    introduced();
    await create(none).record([build(), build()]);
    await create(none).record(build());
    expect(firsts().toSorted()).toEqual([all, undefined, undefined]);
  });

  test("by when it happened, not when it is written", async () => {
    introduced();
    const telemetry = create(none);
    await telemetry.record([
      { ...build(), timestamp: "2026-03-02T10:00:00.000Z" },
      { ...build(), timestamp: "2026-03-03T10:00:00.000Z" },
    ]);
    expect(firsts()).toEqual([all, { day: true, week: false, month: false }]);
  });

  test("with an id none does, nor in CI, nor what local mode keeps", async () => {
    introduced();
    await create().record(build());
    expect(firsts()).toEqual([undefined]);
    name = `${name}-ci`;
    places = placesFor(name);
    vi.stubEnv("CI", "true");
    write(places.preferences, { "telemetry.enabled": true });
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const marks = places.firsts;
    await create(none).record(build());
    expect(existsSync(marks)).toBe(false);
  });

  test("a choice to be off deletes what is remembered for it", async () => {
    introduced();
    const telemetry = create(none);
    await telemetry.record(build());
    expect(readdirSync(places.firsts)).toHaveLength(3);
    telemetry.setEnabled(false);
    expect(existsSync(places.firsts)).toBe(false);
  });
});

describe("a count", () => {
  const lines = () =>
    readdirSync(places.rollups).map((file) =>
      readFileSync(path.join(places.rollups, file), "utf8"),
    );

  test("is a line at once, and no event", () => {
    introduced();
    const telemetry = create();
    telemetry.count("rebuild");
    telemetry.count("click", { error: true });
    expect(lines()).toEqual(["rebuild 0\nclick 1\n"]);
    expect(batches()).toEqual([]);
  });

  test("that is not defined is none", () => {
    introduced();
    create().count("/home/jo");
    create().count("__proto__");
    expect(existsSync(places.rollups)).toBe(false);
  });
});

test("status says what decided, and how much waits", async () => {
  introduced();
  const telemetry = create();
  await telemetry.record(build());
  expect(telemetry.status()).toMatchObject({
    state: "on",
    row: 10,
    preferences: places.preferences,
    waiting: 1,
  });
  expect(telemetry.isEnabled).toBe(true);
  expect(telemetry.anonymousId).toBe(anonymousId);
});

test("setEnabled(true) begins an id's time, which ends", () => {
  const telemetry = create({ rotateDays: 30 });
  telemetry.setEnabled(true);
  const first = telemetry.anonymousId;
  vi.useFakeTimers({ now: Date.now() + 31 * 24 * 60 * 60 * 1000, toFake: ["Date"] });
  expect(telemetry.anonymousId).not.toBe(first);
  vi.useRealTimers();
});

test("setEnabled makes no id with identity: none", () => {
  create({ identity: "none" }).setEnabled(true);
  expect(JSON.parse(readFileSync(places.preferences, "utf8"))).toEqual({
    "telemetry.enabled": true,
    "telemetry.notifiedAt": expect.stringMatching(/^\d+$/),
  });
});

test("setEnabled(false) deletes id, salt and all that waits; true makes new ones", async () => {
  introduced();
  const telemetry = create();
  await telemetry.record(build());
  expect(telemetry.setEnabled(false)).toBe(places.preferences);
  expect(readFileSync(places.preferences, "utf8")).not.toMatch(/[0-9a-f]{32}/);
  expect(batches()).toEqual([]);
  expect(telemetry.status()).toMatchObject({ state: "off", row: 9, waiting: 0 });
  telemetry.setEnabled(true);
  expect(telemetry.status()).toMatchObject({ state: "on", row: 9 });
  expect(telemetry.anonymousId).toMatch(/^[0-9a-f]{64}$/);
  expect(telemetry.anonymousId).not.toBe(anonymousId);
});
