import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { validateEvent } from "../../../src/events/validate.ts";
import { readProduct } from "../../src/definitions/product.ts";
import { type DemoRequest, demoHistory } from "../../src/demo/history.ts";
import { demoSchema } from "../../src/demo/product.ts";
import { releases } from "../../src/demo/releases.ts";

const end = new Date("2026-11-25T16:00:00Z");
const some = { events: 60_000, installations: 20_000, end };
const requests = [...demoHistory(some)];
const firstDay = Date.UTC(2026, 7, 28);

interface Fields {
  success?: boolean;
  duration: number;
  productVersion: string;
  errorPhase?: string;
  errorType?: string;
}
const builds = requests.flatMap(({ body }) =>
  body.events
    .filter(({ eventName }) => eventName.startsWith("build:"))
    .map(({ fields, timestamp }) => ({
      ...(fields as unknown as Fields),
      platform: body.meta.platform,
      isPersonal: body.context.anonymousId.length === 64,
      day: Math.floor((Date.parse(timestamp) - firstDay) / (24 * 60 * 60 * 1000)),
    })),
);

describe("the demo's history", () => {
  test("is the same for the same seed, to the last byte, and another for another", () => {
    const few = { events: 2000, installations: 700, end };
    const hash = (all: Iterable<DemoRequest>) =>
      createHash("sha256")
        .update(JSON.stringify([...all]))
        .digest("hex");
    const first = hash(demoHistory({ ...few, seed: 7 }));
    expect(hash(demoHistory({ ...few, seed: 7 }))).toBe(first);
    expect(hash(demoHistory({ ...few, seed: 8 }))).not.toBe(first);
  });

  test("sends nothing that the product's allowlist does not hold", () => {
    const schema = demoSchema();
    const { definitions } = readProduct(JSON.parse(JSON.stringify(schema)), "the demo");
    const matches = new Ajv2020({ strict: false }).compile(schema);
    for (const { body } of requests) {
      if (!matches(body)) throw new Error(JSON.stringify([matches.errors, body], null, 1));
      for (const event of body.events) {
        const { event: valid, dropped } = validateEvent(definitions, event, end);
        if (dropped.length > 0) throw new Error(JSON.stringify([dropped, event]));
        expect(JSON.stringify(valid?.fields)).toBe(JSON.stringify(event.fields));
      }
    }
  });

  test("has as many installations as were asked for, and about as many events", () => {
    const ids = requests.map(({ body }) => body.context.anonymousId);
    expect(new Set(ids.filter((id) => id.length === 64)).size).toBe(some.installations);
    expect(requests.length).toBeGreaterThan(some.events * 0.98);
    expect(requests.length).toBeLessThanOrEqual(some.events);
    const eventIds = requests.flatMap(({ body }) => body.events.map(({ id }) => id));
    expect(new Set(eventIds).size).toBe(requests.length);
  });

  test("takes 90 days, of which none comes in after its end", () => {
    expect([
      Math.min(...builds.map(({ day }) => day)),
      Math.max(...builds.map(({ day }) => day)),
    ]).toEqual([0, 89]);
    expect(Math.max(...requests.map(({ receivedAt }) => receivedAt.getTime()))).toBeLessThanOrEqual(
      end.getTime(),
    );
    const late = requests.filter(
      ({ body, receivedAt }) =>
        receivedAt.getTime() - Date.parse(body.events[0]?.timestamp ?? "") > 30 * 24 * 3_600_000,
    );
    expect(late).toEqual([]);
  });

  test("rests at weekends, and grows", () => {
    const perDay = Array.from({ length: 90 }, () => 0);
    for (const { day } of builds) perDay[day] = (perDay[day] as number) + 1;
    const week = (from: number) => perDay.slice(from, from + 7);
    // The first day is a Friday.
    for (const from of [3, 31, 59]) {
      const days = week(from);
      const workday = Math.min(...days.slice(0, 5));
      expect(Math.max(...days.slice(5))).toBeLessThan(workday * 0.6);
    }
    const sum = (days: number[]) => days.reduce((a, b) => a + b);
    expect(sum(week(80))).toBeGreaterThan(sum(week(3)) * 1.3);
  });

  test("has a release that failed in one way, until its fix", () => {
    const broken = releases.find(({ breakage }) => breakage);
    const fix = releases[releases.indexOf(broken as never) + 1];
    if (!broken?.breakage || !fix) throw new Error("No release is broken.");
    const { breakage } = broken;
    const share = (from: number, to: number) => {
      const then = builds.filter(({ day }) => day >= from && day < to);
      const hit = then.filter(
        ({ errorPhase, errorType }) =>
          errorPhase === breakage.errorPhase && errorType === breakage.errorType,
      );
      return hit.length / then.length;
    };
    expect(share(0, broken.day)).toBeLessThan(0.002);
    expect(share(broken.day + 2, fix.day)).toBeGreaterThan(0.06);
    expect(share(fix.day + 7, 90)).toBeLessThan(0.008);
  });

  test("has a release that was slow on one platform", () => {
    const slow = releases.find(({ slowness }) => slowness);
    const fix = releases[releases.indexOf(slow as never) + 1];
    const median = (version: string | undefined, platform: string) => {
      const durations = builds
        .filter((build) => build.success && build.isPersonal)
        .filter((build) => build.productVersion === version && build.platform === platform)
        .map(({ duration }) => duration)
        .sort((a, b) => a - b);
      return durations[durations.length >> 1] as number;
    };
    const factor = (platform: string) =>
      median(slow?.version, platform) / median(fix?.version, platform);
    expect(factor("win32")).toBeGreaterThan(1.25);
    expect(factor("win32")).toBeLessThan(1.6);
    expect(factor("darwin")).toBeGreaterThan(0.85);
    expect(factor("darwin")).toBeLessThan(1.15);
  });

  test("has versions that spread within weeks, and some that stay", () => {
    const share = (version: string, from: number, to: number) => {
      const then = builds.filter(({ day }) => day >= from && day < to);
      return then.filter(({ productVersion }) => productVersion === version).length / then.length;
    };
    expect(share("1.9.0", 0, 4)).toBe(0);
    expect(share("1.9.0", 6, 8)).toBeLessThan(share("1.9.0", 18, 22));
    expect(share("1.9.0", 18, 22)).toBeGreaterThan(0.4);
    expect(share("1.9.0", 80, 90)).toBeGreaterThan(0.005);
  });
});
