import { expect, test } from "vitest";
import { onceAMinute } from "../src/cli/once-a-minute.ts";

test("an error that comes again is told a minute later at the earliest, another one at once", () => {
  let now = 5;
  const told: string[] = [];
  const onError = onceAMinute(
    ({ message }) => told.push(`${now} ${message}`),
    () => now,
  );
  onError(new Error("full"));
  onError(new Error("full"));
  onError(new Error("gone"));
  now += 59_999;
  onError(new Error("full"));
  now += 1;
  onError(new Error("full"));
  expect(told).toEqual(["5 full", "5 gone", "60005 full"]);
});
