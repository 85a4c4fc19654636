import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What the demo's processes said. It becomes a file only if something goes wrong. */
const lines = [];

export function note(...texts) {
  lines.push(...texts.filter((text) => text !== ""));
}

/** Returns where it is. */
export function saveLog() {
  const file = path.join(tmpdir(), `sendoff-demo-${process.pid}.log`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
