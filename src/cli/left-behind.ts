import { existsSync, readdirSync } from "node:fs";
import type { Places } from "../support/paths.ts";

/** What should be gone by now and isn't: folders that hold something, and files. */
export function leftBehind({ spool, rollups, firsts, sent, local }: Places): string[] {
  return [...[spool, rollups, firsts].filter(holdsSomething), ...[sent, local].filter(existsSync)];
}

function holdsSomething(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}
