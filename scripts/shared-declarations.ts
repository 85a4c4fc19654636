import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * One copy of the declarations for both module systems. TypeScript lets an ES module take types from
 * a CommonJS one, though not the other way round: so the CommonJS declarations stay, and those of
 * ES modules take from them what is the same, which is all but the default exports.
 */
export async function shareDeclarations(outDir: string): Promise<void> {
  const files = await readdir(outDir);
  const forEsm = files.filter((file) => file.endsWith(".d.mts"));
  const read = (file: string) => readFile(join(outDir, file), "utf8");
  const twins = new Map<string, string>();
  for (const file of forEsm) {
    const twin = files.find((other) => isTwin(file, other));
    if (twin) twins.set(imported(file), imported(twin));
  }
  for (const file of forEsm) {
    if (twins.has(imported(file))) {
      await rm(join(outDir, file));
      continue;
    }
    const text = (await read(file)).replaceAll(
      /(?<=")\.\/[^"]+\.mjs(?=")/g,
      (name) => twins.get(name) ?? name,
    );
    const forCommonJs = file.replace(".d.mts", ".d.cts");
    const isSame = files.includes(forCommonJs) && text === (await read(forCommonJs));
    const shared = `export * from "${imported(forCommonJs)}";\n`;
    await writeFile(join(outDir, file), isSame ? shared : text);
  }
}

/** The same for CommonJS: `tracker-CWcbtoyu.d.mts`, `tracker-DsDp_pbD.d.cts`. Entries have no hash. */
function isTwin(file: string, other: string): boolean {
  const chunk = chunkOf(file);
  return chunk !== undefined && other.endsWith(".d.cts") && chunkOf(other) === chunk;
}

function chunkOf(file: string): string | undefined {
  return /^(.+)-[\w-]{8}\.d\.[cm]ts$/.exec(file)?.[1];
}

/** `./tracker-CWcbtoyu.mjs`: as other declarations call it. */
function imported(file: string): string {
  return `./${file.replace(/d\.([cm])ts$/, "$1js")}`;
}
