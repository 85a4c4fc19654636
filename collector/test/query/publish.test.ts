import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publish } from "../../src/publish/publish.ts";
import { makePlace } from "./place.ts";
import { historyOf } from "./rows.ts";

test("a page and JSON of whole weeks, with nothing in it that runs, loads or names anybody", async () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const place = await makePlace({ now: () => now.getTime() });
  const out = await mkdtemp(join(tmpdir(), "sendoff-published-"));
  try {
    const rows = historyOf({
      seed: 3,
      count: 8000,
      to: "2026-11-20",
      days: 80,
      installations: 900,
    });
    await place.write(rows);
    const pages = await publish((path) => place.json(`/${path}`), { out, now });
    expect(pages).toEqual([join(out, "index.html")]);
    const page = await readFile(join(out, "index.html"), "utf8");
    const text = await readFile(join(out, "telemetry.json"), "utf8");
    const numbers = JSON.parse(text);

    expect(numbers).toMatchObject({ product: "acme", from: "2026-08-24", to: "2026-11-15", k: 10 });
    const its = rows.filter((row) => row.day <= numbers.to && row.place === "installation");
    expect(numbers.total.builds).toBe(its.length);
    expect(
      numbers.weeks.reduce((sum: number, { builds }: { builds: number }) => sum + builds, 0),
    ).toBe(its.length);
    expect(numbers.groups.map(({ name }: { name: string }) => name)).toContain("transport");

    expect(page).toContain("default-src 'none'; style-src 'sha256-");
    expect(page).not.toMatch(/<script|style="|https?:\/\/|url\(/);
    for (const { anonymousId } of its.slice(0, 500)) {
      expect(page + text).not.toContain(anonymousId);
    }
  } finally {
    await place.close();
    await rm(out, { recursive: true });
  }
});

test.each([
  // On a Sunday the last whole week ended seven days ago.
  ["2026-11-22", 90, "2026-08-31", "2026-11-15"],
  ["2026-11-23", 90, "2026-08-31", "2026-11-22"],
  ["2026-11-22", 32, "2026-10-26", "2026-11-15"],
  ["2026-11-23", 32, "2026-10-26", "2026-11-22"],
])("on %s, of as many whole weeks as %i days hold", async (today, retentionDays, from, to) => {
  const now = new Date(`${today}T12:00:00Z`);
  const place = await makePlace({ now: () => now.getTime(), retentionDays });
  const out = await mkdtemp(join(tmpdir(), "sendoff-published-"));
  const ask = async <T>(path: string): Promise<T> => {
    const answer = await place.get(`/${path}`);
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as T;
  };
  try {
    await publish(ask, { out, now });
    const numbers = JSON.parse(await readFile(join(out, "telemetry.json"), "utf8"));
    expect(numbers).toMatchObject({ from, to });
  } finally {
    await place.close();
    await rm(out, { recursive: true });
  }
});

test("another product's name is told with the fix", async () => {
  const place = await makePlace();
  const publishing = publish((path) => place.json(`/${path}`), { out: "unused", product: "acne" });
  await expect(publishing).rejects.toThrow("--product acne is not known there: name one of acme.");
  await place.close();
});
