import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, installApp, setUpFor } from "./app.ts";
import { isWanted, next } from "./frameworks.ts";

describe.runIf(isWanted(next))("a Next build in CI with `exitWait`", () => {
  let app: App;
  beforeAll(async () => {
    app = await installApp(next);
  }, 300_000);
  afterAll(() => app?.remove());

  it.each([
    ["succeeds", "app/more/page.jsx", "export default () => null;\n", 0, "build:completed"],
    ["fails", ...next.broken, 1, "build:failed"],
  ] as const)("waits for its delivery, and no longer, when it %s", async (...args) => {
    const [, file, content, exitCode, eventName] = args;
    const { env, home, receiver } = await setUpFor(app);
    receiver.behave("accept", { delay: 500 });
    const module = app.read("telemetry.mjs");
    app.write("telemetry.mjs", module.replace("createTelemetry({", "$&\n  exitWait: 60_000,"));
    app.write(file, content);
    const build = await app.build("told", { ...env, CI: "true" });
    app.mend();
    expect(build.exitCode).toBe(exitCode);
    expect(receiver.events).toMatchObject([{ eventName }]);
    expect(home.spool("acme")).toEqual([]);
    expect(build.duration).toBeLessThan(60_000);
  });
});
