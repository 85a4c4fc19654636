import { expect, it } from "vitest";
import { settled, violations, withBrowser } from "./browser.ts";
import { serveDemo, serveEmpty } from "./served.ts";

const openPage = withBrowser();

it("asks for a token where one is needed, and says when it is the wrong one", async () => {
  const served = await serveDemo({ isLocked: true });
  const { page, problems } = await openPage();
  await page.goto(served.url);
  const token = page.getByLabel("Token");
  await token.waitFor();
  expect(await violations(page)).toEqual([]);

  await token.fill("not-the-token");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toMatch(/does not take this token/);
  expect(await violations(page)).toEqual([]);

  await token.fill(served.token);
  await page.keyboard.press("Enter");
  await settled(page);
  expect(page.url()).not.toContain(served.token);
  expect(problems).toEqual([]);

  // In this tab only, unless it is to be remembered.
  await page.reload();
  await settled(page);
  const second = await page.context().newPage();
  await second.goto(served.url);
  await second.getByLabel("Token").waitFor();
  await page.context().close();
  await served.stop();
});

it("says that the collector is gone, keeps what it has, and goes on when it is back", async () => {
  const served = await serveDemo();
  const { page } = await openPage();
  await page.goto(served.url);
  await settled(page);
  const before = await page.locator(".figure-value").allTextContents();

  await served.stop();
  await page.getByRole("button", { name: "Refresh" }).click();
  const notice = page.getByText(/The collector does not answer/);
  await notice.waitFor();
  expect(await page.locator(".figure-value").allTextContents()).toEqual(before);
  expect(await violations(page)).toEqual([]);
  // A question it has never asked has no answer to keep.
  await page.getByLabel("Time range").selectOption("7");
  await notice.waitFor();

  const again = await served.restart();
  await notice.waitFor({ state: "detached", timeout: 20_000 });
  await settled(page);
  await page.context().close();
  await again.stop();
});

it("says what to do while no build has come in", async () => {
  const served = await serveEmpty();
  const { page } = await openPage();
  await page.goto(served.url);
  await page.getByRole("heading", { name: /No builds yet/ }).waitFor();
  expect(await page.locator(".state").textContent()).toContain("/v1/events");
  expect(await violations(page)).toEqual([]);
  await page.context().close();
  await served.stop();
});

it("says what to do where filters leave nothing", async () => {
  const served = await serveDemo();
  const { page } = await openPage();
  await page.goto(`${served.url}?where.bundler=vite&where.productVersion=0.0.1`);
  await settled(page);
  await page.getByRole("button", { name: "Clear the filters" }).first().click();
  await settled(page);
  expect(await page.locator(".panel .state").count()).toBe(0);
  await page.context().close();
  await served.stop();
});

it("asks two questions at a time at most, and aborts what nobody waits for any more", async () => {
  const served = await serveDemo();
  const { page } = await openPage();
  await page.addInitScript(() => {
    const counts = { open: 0, most: 0, aborted: 0 };
    const original = globalThis.fetch;
    Object.assign(globalThis, {
      counts,
      async fetch(...parameters: Parameters<typeof original>) {
        counts.open += 1;
        counts.most = Math.max(counts.most, counts.open);
        try {
          return await original(...parameters);
        } catch (error) {
          counts.aborted += Number((error as Error).name === "AbortError");
          throw error;
        } finally {
          counts.open -= 1;
        }
      },
    });
  });
  // Slow enough to be overtaken.
  await page.route("**/api/v1/query*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await route.continue().catch(() => undefined);
  });
  await page.goto(served.url);
  await page.getByLabel("Time range").waitFor();
  await page.getByLabel("Time range").selectOption("7");
  await page.getByLabel("Time range").selectOption("90");
  await settled(page);
  const { most, aborted } = await page.evaluate(
    () => (globalThis as unknown as { counts: { most: number; aborted: number } }).counts,
  );
  expect(most).toBe(2);
  expect(aborted).toBeGreaterThan(0);
  expect(await page.getByLabel("Time range").inputValue()).toBe("90");
  await page.context().close();
  await served.stop();
});
