import { fstatSync, statSync } from "node:fs";
import { writeToStderr } from "../support/debug.ts";
import { nullDevice } from "../support/files.ts";

/** Shows a notice. @throws where nobody can see it, and so nobody was told. */
export function show(text: string): void {
  checkReader();
  writeToStderr(text);
}

/** @throws where nobody can see what is shown, as far as that can be told before. */
export function checkReader(): void {
  if (isDiscarded()) throw new Error("the notice can't be shown: stderr is closed or discarded");
}

/** Node opens the null device in the place of a stderr that is closed. */
function isDiscarded(): boolean {
  try {
    const stderr = fstatSync(2);
    const { rdev } = statSync(nullDevice());
    // Some Windows versions know no device numbers: 0 is any device.
    return stderr.isCharacterDevice() && stderr.rdev === rdev && rdev !== 0;
  } catch {
    return false;
  }
}
