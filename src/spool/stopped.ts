import { readJson, replaceFile } from "../support/files.ts";
import { stoppedForMs } from "../support/limits.ts";

/** After a 410 nothing is recorded for this product version for 30 days. */
export function noteStopped(file: string, version: string, now: number): void {
  const others = readJson<Record<string, number>>(file) ?? {};
  const live = Object.entries(others).filter(
    ([, until]) => typeof until === "number" && until > now,
  );
  replaceFile(file, JSON.stringify({ ...Object.fromEntries(live), [version]: now + stoppedForMs }));
}
