import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, type TestContext } from "vitest";
import { clockScript } from "./clock.ts";

/** A real browser for the dashboard's tests: Debian's Chromium. */

const executablePath = "/usr/bin/chromium";

const switches = [
  "--no-sandbox",
  "--headless",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A browser for the tests of a file or group, which are skipped where there is none.
 * @returns what opens a page in it.
 */
export function withBrowser(): (options?: BrowserContextOptions) => Promise<Watched> {
  let browser: Browser;
  beforeEach(needsBrowser);
  beforeAll(async () => {
    if (hasBrowser) browser = await chromium.launch({ executablePath, args: switches });
  });
  afterAll(() => browser?.close());
  return (options) => openPage(browser, options);
}

export const hasBrowser = existsSync(executablePath);

/** Skips a test where there is no browser; in CI there has to be one. */
function needsBrowser(context: TestContext): void {
  if (!hasBrowser && !process.env.CI) context.skip("needs /usr/bin/chromium (Debian: chromium)");
}

interface Watched {
  page: Page;
  /** What the page's policy blocked, what it threw, what it asked for in vain. */
  problems: string[];
}

/** A page of a new profile that remembers whatever went wrong in it. */
async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`threw: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1")
      problems.push(`left: ${request.url()}`);
  });
  await page.exposeFunction("tellBlocked", (what: string) => problems.push(`blocked: ${what}`));
  await page.addInitScript(clockScript);
  await page.addInitScript(() => {
    const { tellBlocked } = globalThis as unknown as { tellBlocked(what: string): void };
    document.addEventListener("securitypolicyviolation", (event) => {
      tellBlocked(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  return { page, problems };
}

/** Every panel has its answer, and none waits for another. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector(".panel") !== null &&
      document.querySelectorAll('[aria-busy="true"], .figure-waits').length === 0,
  );
}

/** What axe-core finds, a line each: the rule, and where. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const inPage = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations: found } = await inPage.axe.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
  });
}

interface AxeResults {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
}
