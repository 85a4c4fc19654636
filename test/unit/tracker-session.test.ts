import { describe, expect, test } from "vitest";
import { joinSession, passOn } from "../../src/tracker/session.ts";

const variable = "ACME_TELEMETRY_SESSION";
const id = "0123456789abcdef".repeat(4);

test("the first process of a run begins a session, at its own start", () => {
  const env: NodeJS.ProcessEnv = {};
  const session = joinSession(variable, env);
  expect(session).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{64}$/),
    startedAt: expect.any(Number),
    noticed: false,
  });
  expect(session.startedAt).toBeLessThanOrEqual(Date.now());
  expect(Math.abs(session.startedAt - performance.timeOrigin)).toBeLessThan(1000);
  expect(Number.isInteger(session.startedAt)).toBe(true);
});

test("the processes below it join, with its id and its start", () => {
  const env: NodeJS.ProcessEnv = { PATH: "/bin" };
  const session = joinSession(variable, env);
  expect(joinSession(variable, { ...env })).toEqual(session);
  expect(env.PATH).toBe("/bin");
});

test("they know whether the run has said its line", () => {
  const env: NodeJS.ProcessEnv = {};
  const session = joinSession(variable, env);
  session.noticed = true;
  expect(joinSession(variable, { ...env }).noticed).toBe(false);
  passOn(variable, session, env);
  expect(joinSession(variable, { ...env })).toEqual({ ...session, noticed: true });
});

test("an environment that takes nothing has no processes below it join, and throws nothing", () => {
  const env: NodeJS.ProcessEnv = Object.freeze({});
  expect(joinSession(variable, env).id).toMatch(/^[0-9a-f]{64}$/);
});

test("two runs, and two products, have different sessions", () => {
  const env: NodeJS.ProcessEnv = {};
  const ids = [
    joinSession(variable, env).id,
    joinSession("OTHER_TELEMETRY_SESSION", env).id,
    joinSession(variable, {}).id,
  ];
  expect(new Set(ids).size).toBe(3);
});

describe("what is no session is none, and replaced", () => {
  test.each([
    "",
    "1",
    id,
    `${id}.`,
    `${id}.soon`,
    `${id}.1700000000000.x`,
    `${id}.-1`,
    `${id}.1.5`,
    `${id.toUpperCase()}.1700000000000`,
    `${id}0.1700000000000`,
    `x ${id}.1700000000000`,
  ])("%j", (value) => {
    const env = { [variable]: value };
    const session = joinSession(variable, env);
    expect(session.id).not.toBe(id);
    expect(env[variable]).toBe(`${session.id}.${session.startedAt}`);
  });

  test("one is taken as it is", () => {
    const startedAt = Date.now() - 60_000;
    const env = { [variable]: `${id}.${startedAt}.n` };
    expect(joinSession(variable, env)).toEqual({ id, startedAt, noticed: true });
    expect(env).toEqual({ [variable]: `${id}.${startedAt}.n` });
  });

  test("one that began over a day ago, or will, is another run's", () => {
    for (const startedAt of [Date.now() - 25 * 3_600_000, Date.now() + 25 * 3_600_000]) {
      const env = { [variable]: `${id}.${startedAt}.n` };
      expect(joinSession(variable, env)).not.toMatchObject({ id });
    }
  });
});
