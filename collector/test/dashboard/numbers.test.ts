import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { demoHistory } from "../../src/demo/history.ts";
import { hasBrowser, settled, withBrowser } from "./browser.ts";
import { history, withDemo } from "./served.ts";

/**
 * What the page shows, beside what is counted here from the requests that were sent: by other code
 * than the collector's, and without a database.
 */
interface Build {
  day: string;
  isFailure: boolean;
  place: "installation" | "ci" | "container";
  who: string;
  project: string | null;
  duration: number;
  bundler: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const today = new Date(history.end).toISOString().slice(0, 10);
const from = new Date(Date.parse(today) - 29 * dayMs).toISOString().slice(0, 10);

const builds: Build[] = [];
for (const { body } of demoHistory({ ...history, end: new Date(history.end) })) {
  const { anonymousId, projectHash } = body.context;
  const who = String(anonymousId);
  for (const { eventName, timestamp, fields } of body.events) {
    if (!eventName.startsWith("build:") || timestamp.slice(0, 10) < from) continue;
    builds.push({
      day: timestamp.slice(0, 10),
      isFailure: eventName === "build:failed",
      place: who.startsWith("ci.") ? "ci" : who === "container" ? "container" : "installation",
      who,
      project: projectHash,
      duration: Number(fields.duration),
      bundler: String(fields.bundler),
    });
  }
}
const people = builds.filter(({ place }) => place === "installation");

const openPage = withBrowser();
const served = withDemo();
let page: Page;
beforeAll(async () => {
  if (hasBrowser) page = (await openPage()).page;
});

async function open(search: string): Promise<void> {
  const range = `from=${from}&to=${today}`;
  await page.goto(`${served().url}?${range}${search}`);
  await settled(page);
}

/** A number as it was answered, and whether it stands there as an approximate one. */
async function shown(selector: string): Promise<{ value: number; isMarked: boolean }> {
  const figure = page.locator(`${selector} [data-value]`);
  return {
    value: Number(await figure.getAttribute("data-value")),
    isMarked: ((await figure.textContent()) ?? "").includes("≈"),
  };
}

/** Exactly; approximate ones within 3 %, and marked. */
async function expectShown(selector: string, value: number): Promise<void> {
  const found = await shown(selector);
  if (found.isMarked) expect(Math.abs(found.value / value - 1)).toBeLessThan(0.03);
  else expect(found.value).toBeCloseTo(value, 12);
}

function percentile(of: readonly Build[], share: number): number {
  const durations = of
    .filter(({ isFailure }) => !isFailure)
    .map(({ duration }) => duration)
    .sort((a, b) => a - b);
  return durations[Math.max(0, Math.ceil(share * durations.length) - 1)] as number;
}

function different(values: readonly (string | null)[]): number {
  return new Set(values.filter((value) => value !== null)).size;
}

const share = (part: readonly unknown[], whole: readonly unknown[]) => part.length / whole.length;
const failed = (of: readonly Build[]) => of.filter(({ isFailure }) => isFailure);

it("the overview's figures are those of the events that were sent", async () => {
  await open("");
  const figure = (measure: string) => `.figure[data-measure="${measure}"]`;
  await expectShown(figure("builds"), people.length);
  await expectShown(figure("successRate"), 1 - share(failed(people), people));
  await expectShown(figure("installations"), different(people.map(({ who }) => who)));
  await expectShown(figure("projects"), different(people.map(({ project }) => project)));
  await expectShown(figure("p50"), percentile(people, 0.5));
  await expectShown(figure("p95"), percentile(people, 0.95));
});

it("installations, CI and containers are counted apart", async () => {
  await open("");
  const table = page.getByRole("table", { name: "Builds by place" });
  for (const [name, place] of [
    ["Installations", "installation"],
    ["CI", "ci"],
    ["Containers", "container"],
  ] as const) {
    const its = builds.filter((build) => build.place === place);
    const row = table
      .getByRole("row")
      .filter({ has: page.getByRole("rowheader", { name, exact: true }) });
    const values = await row
      .locator("[data-value]")
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
    expect(values[0]).toBe(its.length);
    expect(values[1]).toBeCloseTo(1 - share(failed(its), its), 12);
    expect(values[2]).toBe(percentile(its, 0.5));
    expect(values[3]).toBe(percentile(its, 0.95));
  }
});

it("each day of the plot's table is right", async () => {
  await open("");
  const panel = page.getByRole("region", { name: "Builds a day" });
  await panel.locator(".menu summary").click();
  await panel.getByRole("button", { name: "Show as table" }).click();
  const cells = await panel
    .locator("tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent ?? "")),
    );
  const days = [...byDay(people)].sort(([a], [b]) => (a < b ? 1 : -1));
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" },
  } as const);
  expect(cells).toEqual(
    days.map(([day, its]) => [format.format(new Date(day)), its.length.toLocaleString("en")]),
  );
});

it("speed and failures are right, too, and with a filter", async () => {
  const its = people.filter(({ bundler }) => bundler === "webpack");
  await open("&page=speed&where.bundler=webpack");
  for (const [measure, part] of [
    ["p50", 0.5],
    ["p75", 0.75],
    ["p95", 0.95],
    ["p99", 0.99],
  ] as const) {
    await expectShown(`.readings [data-measure="${measure}"]`, percentile(its, part));
  }

  await open("&page=failures&where.bundler=webpack");
  await expectShown('.readings [data-measure="failures"]', failed(its).length);
  const hit = different(failed(its).map(({ who }) => who)) / different(its.map(({ who }) => who));
  await expectShown('.readings [data-measure="installationsHit"]', hit);
});

function byDay(of: readonly Build[]): Map<string, Build[]> {
  const days = new Map<string, Build[]>();
  for (const build of of) days.set(build.day, [...(days.get(build.day) ?? []), build]);
  return days;
}
