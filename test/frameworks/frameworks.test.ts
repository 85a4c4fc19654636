import { expectEvent } from "sendoff/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { processesIn, senderGone } from "../e2e/harness.ts";
import { answersLater } from "../platforms/project.ts";
import { problemOf } from "../platforms/runtimes.ts";
import { type App, type Build, installApp, printed, setUpFor } from "./app.ts";
import { frameworks } from "./frameworks.ts";

/**
 * Builds without telemetry that are made to find one that left what the one with it did: Nuxt's entry
 * comes in two ways, by chance.
 */
const mostPlainBuilds = 6;

/** Real apps, installed by their locks and built by the frameworks' own commands. */
describe.each(frameworks)("a build of the $name example", (framework) => {
  const { says, broken, exitCode = 1, failure, unrendered } = framework;
  const problem = framework.node && problemOf(framework.node.file);
  if (problem) {
    it(`is left out: ${problem}`, ({ skip }) => skip(problem));
    return;
  }
  let app: App;

  beforeAll(async () => {
    app = await installApp(framework);
  }, 300_000);
  afterEach(() => app.mend());
  afterAll(() => app?.remove());

  it("ends while the endpoint hangs, the same in all that it leaves; its event arrives when the endpoint answers", async () => {
    const { env, home, receiver } = await setUpFor(app);
    const plain = await app.build("plain", env);
    expect(home.files().filter((file) => file.includes(app.product))).toEqual([]);
    await app.showNotice(env);
    const answer = answersLater(receiver);
    const told = await app.build("told", env);
    answer();
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(plain.exitCode).toBe(0);
    expect(told.exitCode).toBe(0);
    expect(Object.keys(told.output).length).toBeGreaterThan(0);
    expect(Object.keys(told.output)).toEqual(Object.keys(plain.output));
    const plains = [plain.output];
    while (differing(told.output, plains).length > 0 && plains.length < mostPlainBuilds) {
      plains.push((await app.build("plain", env)).output);
    }
    expect(differing(told.output, plains)).toEqual([]);
    expect(printed(told.stdout)).toEqual(printed(plain.stdout));
    expect(printed(told.stderr)).toEqual(printed(plain.stderr));
    expect(receiver.events).toHaveLength(2);
    const { fields } = expectEvent(receiver, {
      eventName: "build:completed",
      fields: { success: true, ...says },
    });
    if ("bundler" in says) expect(fields.bundlerVersion).toMatch(/^\d+\.\d+\.\d+$/);
    // In all processes of the build together.
    expect(fields.duration).toBeGreaterThan(0);
    expect(fields.duration).toBeLessThan(told.duration);
  });

  it("that can't be bundled fails as it would, and says in which phase and of what", async () => {
    app.write(...broken);
    await expectFailure(failure);
  });

  if (unrendered) {
    it("that is bundled but can't be rendered is a failed one", async () => {
      app.write(...unrendered);
      await expectFailure({ errorType: "UnknownError" });
    });
  }

  async function expectFailure(fields: Record<string, string>) {
    const { env, home, receiver } = await setUpFor(app);
    await app.showNotice(env);
    const plain = await app.build("plain", env);
    const told = await app.build("told", env);
    expect(plain.exitCode).toBe(exitCode);
    expect(told.exitCode).toBe(exitCode);
    expect(printed(told.stdout)).toEqual(printed(plain.stdout));
    await receiver.waitForEvents(2);
    await senderGone(home.path);
    expect(receiver.events).toHaveLength(2);
    expectEvent(receiver, {
      eventName: "build:failed",
      fields: { success: false, ...says, ...fields },
    });
    expect(receiver.requests.map(({ body }) => body).join()).not.toMatch(/discount|broken/);
  }

  it("starts no process, writes no file and opens no connection when telemetry is off", async () => {
    const { env, home, receiver } = await setUpFor(app);
    const { exitCode } = await app.build("told", { ...env, DO_NOT_TRACK: "1" });
    expect(exitCode).toBe(0);
    expect(home.files().filter((file) => file.includes(app.product))).toEqual([]);
    expect(processesIn(home.path)).toEqual([]);
    expect(receiver.connections).toBe(0);
  });
});

/** The files that no build without telemetry left as this one did. */
function differing(output: Build["output"], plains: readonly Build["output"][]): string[] {
  return Object.keys(output).filter((file) =>
    plains.every((plain) => plain[file] !== output[file]),
  );
}
