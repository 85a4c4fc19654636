import { afterAll, beforeAll, expect, it } from "vitest";
import { makePlace, type Place } from "../query/place.ts";
import { historyOf } from "../query/rows.ts";
import { settled, withBrowser } from "./browser.ts";
import { withDemo } from "./served.ts";

/** Approximate numbers are marked on the page. The collector's limit is a million events; here it is lower. */

const from = "2026-10-23";
const to = "2026-11-21";
const now = () => Date.parse("2026-11-21T12:00:00Z");
const rows = historyOf({ seed: 5, count: 20_000, to, days: 30, installations: 10_000 });
const people = rows.filter(({ place }) => place === "installation");

const openPage = withBrowser();
const served = withDemo();
let exact: Place;
let about: Place;
beforeAll(async () => {
  exact = await makePlace({ now, exactUpTo: rows.length });
  about = await makePlace({ now, exactUpTo: rows.length - 1 });
  await exact.write(rows);
  await about.write(rows);
});
afterAll(async () => {
  await exact?.close();
  await about?.close();
});

/** The table behind the first plot, a row for each day: its cells, as they are read. */
async function tableOf(place: Place) {
  const { page, problems } = await openPage();
  await page.route("**/api/v1/**", async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const answer = await place.get(pathname.replace(/^.*\/api\/v1/, "") + search);
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    });
  });
  await page.goto(`${served().url}?from=${from}&to=${to}`);
  await settled(page);
  const panel = page.getByRole("region", { name: "Builds a day" });
  await panel.locator(".menu summary").click();
  await panel.getByRole("button", { name: "Show as table" }).click();
  const names = await panel.locator("thead th").allTextContents();
  const days = await panel
    .locator("tbody tr")
    .evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
    );
  const marked = await page.locator(".figure .about").count();
  expect(problems).toEqual([]);
  return { names, days, marked };
}

const numberOf = (cell: string) => Number(cell.replace(/[^\d.]/g, ""));

it("of many events, installations and projects by day are marked ≈, and nothing else", async () => {
  const { names, days, marked } = await tableOf(about);
  const hasMark = names.map((_, at) => new Set(days.map((cells) => cells[at]?.includes("≈"))));
  const isAbout = (name: string) => /installations|projects/i.test(name);
  expect(names.filter(isAbout)).toHaveLength(2);
  expect(hasMark).toEqual(names.map((name) => new Set([isAbout(name)])));
  // Of the whole period they are exact.
  expect(marked).toBe(0);

  const at = names.findIndex((name) => /installations/i.test(name));
  const counts = [...new Set(people.map(({ day }) => day))]
    .sort()
    .reverse()
    .map((day) => {
      const its = people.filter((row) => row.day === day);
      return new Set(its.map(({ anonymousId }) => anonymousId)).size;
    });
  expect(days).toHaveLength(counts.length);
  for (const [index, count] of counts.entries()) {
    expect(Math.abs(numberOf(days[index]?.[at] ?? "") / count - 1)).toBeLessThan(0.03);
  }
});

it("of as many as are counted one by one, none is", async () => {
  const { days } = await tableOf(exact);
  expect(days.flat().filter((cell) => cell.includes("≈"))).toEqual([]);
  expect(days.length).toBeGreaterThan(0);
});
