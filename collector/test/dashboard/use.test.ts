import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { QueryAnswer } from "../../src/query/api.ts";
import { settled, violations, withBrowser } from "./browser.ts";
import { withDemo } from "./served.ts";

const openPage = withBrowser();
const served = withDemo();

async function open(search = ""): Promise<Page> {
  const { page } = await openPage();
  await page.goto(`${served().url}${search}`);
  await settled(page);
  return page;
}

const figure = (page: Page, measure: string) =>
  page.locator(`.figure[data-measure="${measure}"] [data-value]`).getAttribute("data-value");

it("filters stand in the address: shared, they show the same; back and forward work", async () => {
  const page = await open();
  const all = await figure(page, "builds");

  await page.getByLabel("Bundler", { exact: true }).selectOption("vite");
  await page.getByLabel("Time range").selectOption("7");
  await settled(page);
  const { search } = new URL(page.url());
  expect(search).toBe("?days=7&where.bundler=vite");
  const narrowed = await figure(page, "builds");
  expect(Number(narrowed)).toBeLessThan(Number(all));

  const other = await open(search);
  expect(await figure(other, "builds")).toBe(narrowed);
  await other.context().close();

  await page.goBack();
  await page.goBack();
  await settled(page);
  expect(new URL(page.url()).search).toBe("");
  expect(await figure(page, "builds")).toBe(all);
  expect(await page.getByLabel("Bundler", { exact: true }).inputValue()).toBe("");
  await page.goForward();
  await page.goForward();
  await settled(page);
  expect(await figure(page, "builds")).toBe(narrowed);
  await page.context().close();
});

it("a group's name narrows the page down to it, and its tag takes that back", async () => {
  const page = await open("?page=environments");
  await page.getByRole("button", { name: "Linux", exact: true }).click();
  await settled(page);
  expect(new URL(page.url()).search).toBe("?page=environments&where.platform=linux");
  const systems = page.getByRole("table", { name: "Builds by Operating system" });
  expect(await systems.locator("tbody tr").count()).toBe(1);
  await page.getByRole("button", { name: /Operating system Linux/ }).click();
  await settled(page);
  expect(await systems.locator("tbody tr").count()).toBeGreaterThan(1);
  await page.context().close();
});

it("a custom range of days asks for exactly those", async () => {
  const page = await open();
  await page.getByLabel("Time range").selectOption("custom");
  const last = await page.getByLabel("Last day").inputValue();
  await page.getByLabel("First day").fill(last);
  await settled(page);
  const { searchParams } = new URL(page.url());
  expect([searchParams.get("from"), searchParams.get("to")]).toEqual([last, last]);
  await page.context().close();
});

it("exports what is shown, as CSV and as Parquet", async () => {
  const page = await open("?where.bundler=vite");
  const panel = page.getByRole("region", { name: "Versions" });
  const rows = await panel.locator("tbody tr").count();
  async function save(name: string, of = panel): Promise<Buffer> {
    await of.locator(".menu summary").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      of.getByRole("button", { name }).click(),
    ]);
    return readFile(await download.path());
  }

  const lines = (await save("Export as CSV")).toString().trim().split(/\r?\n/);
  expect(lines[0]).toBe("productVersion,builds,installations,successRate");
  expect(lines.length - 1).toBeGreaterThanOrEqual(rows);
  const parquet = await save("Export as Parquet");
  expect(parquet.subarray(0, 4).toString()).toBe("PAR1");

  await page.getByRole("link", { name: "Speed" }).click();
  await settled(page);
  const durations = page.getByRole("region", { name: "Distribution" });
  const bins = (await save("Export as CSV", durations)).toString().trim().split(/\r?\n/);
  expect(bins[0]).toBe("from,upTo,events");
  expect(bins.length).toBeGreaterThan(3);
  await page.context().close();
});

it("a plot has its table", async () => {
  const page = await open();
  const panel = page.getByRole("region", { name: "Builds a day" });
  await panel.locator(".menu summary").click();
  await panel.getByRole("button", { name: "Show as table" }).click();
  const table = panel.getByRole("table");
  expect(await table.locator("thead th").allTextContents()).toEqual([
    "Day",
    "Builds",
    "Success rate",
    "Installations",
    "Projects",
    "Median",
    "95th percentile",
  ]);
  expect(await table.locator("tbody tr").count()).toBeGreaterThan(25);
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

it("all of it works by keyboard alone", async () => {
  const page = await open();
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? "";
    });
  async function tabTo(name: string | RegExp): Promise<void> {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      const label = await focused();
      if (typeof name === "string" ? label === name : name.test(label)) return;
    }
    throw new Error(`Tab never reached ${name}.`);
  }

  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Skip to the numbers");
  await tabTo("Bundler");
  await page.keyboard.press("v");
  await settled(page);
  expect(new URL(page.url()).search).toBe("?where.bundler=vite");

  await tabTo(/^Success rate/);
  await page.keyboard.press("Enter");
  await settled(page);
  expect(new URL(page.url()).searchParams.get("figure")).toBe("successRate");

  await tabTo("Success rate by day");
  const plot = page.getByRole("slider", { name: "Success rate by day" });
  const last = await plot.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowLeft");
  expect(await plot.getAttribute("aria-valuetext")).not.toBe(last);
  expect(await plot.getAttribute("aria-valuetext")).toMatch(/This period [\d.]+\u202f%/);

  await tabTo("Where builds ran: table and export");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Export as CSV");
  await page.keyboard.press("Escape");
  expect(await focused()).toBe("Where builds ran: table and export");

  await page.evaluate(() => scrollTo(0, 0));
  await page.getByRole("link", { name: "Overview" }).focus();
  await tabTo("Speed");
  await page.keyboard.press("Enter");
  await settled(page);
  expect(await page.title()).toMatch(/^Speed ·/);
  await page.context().close();
});

it.each([
  "from=2026-02-30&to=2026-03-05",
  "from=0002-01-01&to=0002-02-01",
  "from=9999-12-01&to=9999-12-31",
])("an address with days that can't be asked for shows the last 30: %s", async (days) => {
  const page = await open(`?${days}`);
  expect(await page.getByLabel("Time range").inputValue()).toBe("30");
  await page.context().close();
});

it("numbers of fewer days than were asked for say so, and a day's are of those", async () => {
  const ask = async (question: string): Promise<QueryAnswer> =>
    (await fetch(new URL(`../api/v1/query?${question}`, served().url))).json();
  const all = await ask("by=productVersion&measure=builds&limit=100");
  const answers = await Promise.all(
    all.rows.map(async ([version]) => ({
      version,
      ...(await ask(`measure=builds&where.productVersion=${version}`)),
    })),
  );
  const narrowed = answers.find(
    ({ from, to, rows }) => rows.length > 0 && (from > all.from || to < all.to),
  );
  if (!narrowed) throw new Error("every version was built by enough on the first and the last day");

  const page = await open(`?where.productVersion=${narrowed.version}`);
  const places = page.getByRole("region", { name: "Where builds ran" });
  expect(await places.textContent()).toMatch(
    /Of .* only: on each day (before|after|before or after), fewer than 10/,
  );
  const days = (Date.parse(narrowed.to) - Date.parse(narrowed.from)) / 86_400_000 + 1;
  const builds = Number(narrowed.rows[0]?.[0]);
  expect(await figure(page, "builds")).toBe(String(builds));
  expect(await page.locator('.figure[data-measure="builds"] [data-value]').textContent()).toBe(
    Math.round(builds / days).toLocaleString("en"),
  );
  await page.goto(served().url);
  await settled(page);
  expect(await places.textContent()).not.toContain("only: on each day");
  await page.context().close();
});

it("what only raw events have is offered for as long as they are kept", async () => {
  const page = await open("?page=adoption&days=365");
  const field = page.getByRole("region", { name: "toolsCount", exact: true });
  expect(await field.textContent()).toContain("Only the last 90 days have this.");
  await field.getByRole("button", { name: "Show those" }).click();
  await settled(page);
  expect(new URL(page.url()).searchParams.get("days")).toBe("90");
  await page.context().close();
});

it("a year that is only half typed asks for nothing", async () => {
  const page = await open("?from=2026-11-01&to=2026-11-20");
  await page.getByLabel("First day").fill("0002-11-01");
  await settled(page);
  expect(new URL(page.url()).searchParams.get("from")).toBe("2026-11-01");
  await page.context().close();
});
