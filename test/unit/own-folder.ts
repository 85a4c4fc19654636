import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A folder that each test of a file has for itself, empty at first. */
export function ownFolder() {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-unit-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...names: string[]) => path.join(folder, ...names);
  return {
    at,
    /** Writes a file, with the folders it needs; what is no text as JSON. Returns its path. */
    write(name: string, content: unknown): string {
      const file = at(name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      return file;
    },
  };
}
