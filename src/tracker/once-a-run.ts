import path from "node:path";
import {
  createFile,
  makeFolder,
  readIfThere,
  removeIfThere,
  renameOver,
} from "../support/files.ts";
import { hash128 } from "../support/hash.ts";

/**
 * Has `act` done by one process of a run: the one that creates the run's mark, which then takes the
 * place of the last run's, so that one file is all there ever is. The mark doesn't tell the run's id.
 * @throws what `act` throws, and the next process of the run tries again.
 */
export function onceARun(file: string, runId: string, act: () => void): void {
  const mark = hash128(runId);
  if (readIfThere(file) === mark) return;
  makeFolder(path.dirname(file));
  const mine = `${file}.${mark}`;
  if (!createFile(mine, mark)) return; // Another process of the run is about to.
  try {
    // Or has done so since the file was read.
    if (readIfThere(file) !== mark) act();
    renameOver(mine, file);
  } catch (error) {
    removeIfThere(mine);
    throw error;
  }
}
