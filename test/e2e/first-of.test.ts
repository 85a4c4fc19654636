import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { senderGone, setUp } from "./harness.ts";

const none = { PRODUCT_OPTIONS: JSON.stringify({ identity: "none", firstRun: "send" }) };

test("of twenty builds at once on a machine without an id one is the first of its day", async () => {
  const { home, product, receiver, settledIn } = await setUp();
  settledIn();
  await Promise.all(Array.from({ length: 20 }, () => product("completed", none)));
  const events = await receiver.waitForEvents(20);
  const firsts = receiver.requests.flatMap(({ payload }) =>
    (payload.events as { firstOf?: object }[]).flatMap(({ firstOf }) => firstOf ?? []),
  );
  expect(events).toHaveLength(20);
  expect(firsts).toEqual([{ day: true, week: true, month: true }]);
  for (const { payload } of receiver.requests) {
    expect(payload.context).toEqual({ anonymousId: null, projectHash: null, sessionId: null });
  }
  const marks = readdirSync(path.join(home.stateFolder("acme"), "firsts"));
  expect(marks.map((mark) => mark.split("_")[0]).sort()).toEqual(["day", "month", "week"]);
});

test("an event that takes another's place says it as well", async () => {
  const { product, receiver, settledIn } = await setUp();
  settledIn();
  await product("amended", none);
  await receiver.waitForEvents(1);
  const firstOf = { day: true, week: true, month: true };
  expect(receiver.requests[0]?.payload.events).toMatchObject([
    { eventName: "build:failed", firstOf },
  ]);
});

test("after a reset the machine counts anew", async () => {
  const { env, home, product, receiver, settledIn } = await setUp();
  settledIn();
  await product("completed", none);
  const bin = fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url));
  const options = { env, extendEnv: false };
  await execa(process.execPath, [bin, "reset", "--name", "acme"], options);
  expect(home.files().filter((file) => file.includes("firsts"))).toEqual([]);
  await product("completed", none);
  await receiver.waitForEvents(2);
  const told = receiver.requests.filter(({ body }) => body.includes('"firstOf"'));
  expect(told).toHaveLength(2);
});

test("nothing is remembered for it in CI", async () => {
  const { home, product, receiver } = await setUp();
  await product("completed", { ...none, CI: "true" });
  await receiver.waitForEvents(1);
  await senderGone(home.path);
  expect(receiver.requests[0]?.body).not.toContain("firstOf");
  expect(home.files().filter((file) => file.includes("firsts"))).toEqual([]);
});
