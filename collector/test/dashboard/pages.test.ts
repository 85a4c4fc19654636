import { describe, expect, it } from "vitest";
import { settled, violations, withBrowser } from "./browser.ts";
import { withDemo } from "./served.ts";

const pages = ["overview", "speed", "failures", "environments", "adoption"] as const;

/** What each page has to show, whatever the numbers are. */
const panels: Record<(typeof pages)[number], readonly string[]> = {
  overview: ["Builds a day", "Where builds ran", "Versions", "Bundlers"],
  speed: [
    "Duration over time",
    "Distribution",
    "Two versions",
    "By version",
    "By bundler",
    "By operating system",
    "By memory",
  ],
  failures: ["Failures over time", "Phase and error", "New since a version", "By version"],
  environments: [
    "Operating system",
    "Architecture",
    "Runtime",
    "Node.js",
    "Package manager",
    "Coding agent",
    "CI service",
    "In Docker",
    "In WSL",
    "Cores",
    "Memory",
  ],
  adoption: ["Versions over time", "Versions", "toolsCount", "transport", "adapter"],
};

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  const openPage = withBrowser();
  const served = withDemo();

  it.each(pages)("%s shows its panels, fits a phone, and axe finds nothing", async (name) => {
    const { page, problems } = await openPage({ colorScheme });
    await page.goto(`${served().url}?page=${name}`);
    await settled(page);

    const titles = await page.locator(".panel h2").allTextContents();
    expect(titles).toEqual(expect.arrayContaining([...panels[name]]));
    // No error is new in the demo's newest version.
    const empty = page.locator(".panel").filter({ hasNotText: "New since a version" });
    expect(await empty.locator(".state").allTextContents()).toEqual([]);
    expect(await violations(page)).toEqual([]);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(colorScheme === "dark" ? "rgb(15, 16, 17)" : "rgb(247, 247, 245)");

    await page.setViewportSize({ width: 360, height: 740 });
    await settled(page);
    // What is wider than its box is drawn once more before it is measured.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("the switch turns the theme, and the choice stays", async () => {
    const { page } = await openPage({ colorScheme });
    await page.goto(served().url);
    await settled(page);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await background();
    await page.getByRole("button", { name: "Dark theme" }).click();
    const after = await background();
    expect(after).not.toBe(before);
    await page.reload();
    expect(await background()).toBe(after);
    await page.context().close();
  });
});
