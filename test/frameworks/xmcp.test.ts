import { expectEvent } from "sendoff/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { senderGone } from "../e2e/harness.ts";
import { installApp, setUpFor } from "./app.ts";
import { type Framework, isWanted, xmcp, xmcpPreset } from "./frameworks.ts";

async function install(framework: Framework) {
  const app = await installApp(framework);
  onTestFinished(() => app.remove());
  return app;
}

describe.runIf(isWanted(xmcp))("a config of xmcp's", () => {
  const imports = `
import { buildEvents, createTelemetry, defineEvents } from "sendoff";
import sendoff from "sendoff/rspack";
import plain from "./xmcp.config.plain.ts";

const telemetry = createTelemetry({
  name: "acme",
  version: "1.1.3",
  endpoint: "https://telemetry.acme.dev/v1/events",
  events: defineEvents({ ...buildEvents }),
  sender: process.getBuiltinModule("node:module").createRequire(\`\${process.cwd()}/\`).resolve("sendoff/sender"),
});
const plugin = sendoff({ telemetry });

export default {
  ...plain,
  bundler: (rspack) => ({ ...rspack, plugins: [...rspack.plugins, plugin] }),
};
`;

  it("that imports sendoff, and so is bundled with it, sends where it says where the sender is", async () => {
    const app = await install({ ...xmcp, adopt: () => imports });
    const { env, home, receiver } = await setUpFor(app);
    const { exitCode } = await app.build("told", { ...env, CI: "true" });
    expect(exitCode).toBe(0);
    await receiver.waitForEvents(1);
    await senderGone(home.path);
    expect(receiver.uniqueEvents).toHaveLength(1);
    expectEvent(receiver, { eventName: "build:completed", fields: { bundler: "rspack" } });
  });
});

describe.runIf(isWanted(xmcpPreset))("xmcp with the preset", () => {
  it.each([
    ["a build", "src/tools/more.ts", "export default () => 'more';\n"],
    ["a build that fails", "src/tools/more.ts", "const more: = 1;\n"],
  ])("tells of %s what its own module tells", async (_, file, content) => {
    const app = await install({ ...xmcpPreset, plainEnv: {} });
    const { env, home, receiver } = await setUpFor(app);
    // What its own module would send lies here until this has sent it.
    app.write("node_modules/@xmcp-dev/compiler/dist/detached-flush.js", "");
    app.write(file, content);
    const plain = await app.build("plain", env);
    const own = JSON.parse(app.read(".xmcp/_events.json"));
    const told = await app.build("told", { ...env, CI: "true" });
    expect(told.exitCode).toBe(plain.exitCode);
    await receiver.waitForEvents(1);
    await senderGone(home.path);
    const [ours] = receiver.uniqueEvents;
    expect(own.events).toHaveLength(1);
    const [{ eventName, fields }] = own.events;
    const { productVersion, ...ourFields } = ours?.fields ?? {};
    expect(ours?.eventName).toBe(eventName);
    expect(productVersion).toBe("1.1.3");
    expect(ourFields).toEqual({
      ...fields,
      duration: expect.any(Number),
      ...("errorType" in fields && { errorType: "UnknownError" }),
    });
  });
});
