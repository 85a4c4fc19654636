import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { setUpLocalView } from "./show-web-harness.ts";

/** The local view in the browser it is for. */
const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((file) => existsSync(file));
const needs = executablePath ? "" : " (needs chromium)";

let browser: Browser;
beforeAll(async () => {
  if (executablePath) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
afterAll(async () => browser?.close());

describe.skipIf(needs)(`the local view in Chromium${needs}`, () => {
  it("turns telemetry off: nothing is left on disk, and nothing is sent", async () => {
    const { build, home, open, receiver } = await setUpLocalView();
    await build();
    await build();
    await receiver.waitForRequests(2);
    receiver.behave({ status: 503 });
    await build();
    await receiver.waitForRequests(3);
    const { page, problems } = await visit((await open()).address);
    await page.locator("text=Sent").first().waitFor();
    expect(await page.locator("h1").innerText()).toContain("on");

    await page.locator("#disable").click();
    await page.locator(".state.off").waitFor();
    expect(await page.locator(".said").innerText()).toContain("acme telemetry is off.");
    expect(await page.locator("body").innerText()).toContain("Nothing that is kept.");
    // A sender that was at work finds nothing, and takes its lock along.
    await expect.poll(() => home.files().join(), { timeout: 20_000 }).not.toContain("sender.lock");
    const kept = home.files();
    expect(kept.filter((file) => !/telemetry\.json$|backoff|notices/.test(file))).toEqual([]);
    const text = kept.map((file) => readFileSync(path.join(home.path, file), "utf8")).join("\n");
    expect(text).not.toMatch(/[0-9a-f]{64}|batchId|eventName/);

    receiver.behave("accept");
    const connections = receiver.connections;
    await build();
    await build();
    expect(home.files()).toEqual(kept);
    expect(receiver.connections).toBe(connections);
    expect(problems).toEqual([]);
  });

  it("shows a build that ends while it is open, and says when its command has ended", async () => {
    const { build, open } = await setUpLocalView();
    const { address, command } = await open();
    const { page } = await visit(address);
    expect(await page.locator("details[id]:not(#all)").count()).toBe(0);
    await page.locator("#all > summary").click();
    await build();
    await page.locator("details[id]:not(#all)").first().waitFor();
    // What somebody had opened stays open.
    expect(await page.locator("#all").getAttribute("open")).not.toBeNull();

    command.stdin?.end();
    await page.locator("#ended").waitFor({ state: "visible" });
    expect(await page.locator("button:enabled").count()).toBe(0);
    await command;
  });

  it("is used by keyboard alone", async () => {
    const { acme, build, open } = await setUpLocalView();
    await build();
    const { page } = await visit((await open()).address);
    const tabTo = async (selector: string) => {
      for (let i = 0; i < 30; i++) {
        await page.keyboard.press("Tab");
        if (await page.locator(`${selector}:focus`).count()) return;
      }
      throw new Error(`No tab leads to ${selector}.`);
    };
    await tabTo("#local");
    await page.keyboard.press("Enter");
    await page.locator(".state.local").waitFor();
    expect(JSON.parse((await acme("status --json")).stdout).state).toBe("local");
    await tabTo("summary");
    await page.keyboard.press("Enter");
    expect(await page.locator("details[open]").count()).toBe(1);
  });

  it.each([
    ["light", 1100],
    ["dark", 1100],
    ["light", 360],
    ["dark", 360],
  ] as const)("has nothing that axe-core objects to, %s, %i wide", async (colorScheme, width) => {
    const { build, open, receiver } = await setUpLocalView();
    await build();
    await build();
    await receiver.waitForRequests(2);
    const { page, problems } = await visit((await open()).address, { colorScheme, width });
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    expect(problems).toEqual([]);
    // As a debugger does it: the page's own policy lets no script in.
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate("axe.run()")) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});

/** Opens the address; collects whatever the browser complains of, the policy's reports among it. */
async function visit(
  address: string,
  { colorScheme = "light", width = 1100 }: { colorScheme?: "light" | "dark"; width?: number } = {},
): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  onTestFinished(() => page.close());
  const problems: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(address);
  await page.locator("main").waitFor();
  return { page, problems };
}
