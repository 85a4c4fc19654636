import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { execa } from "execa";

/**
 * A single-file executable of Node's own kind, made from a script and this Node, or another one. Putting the script
 * in is postject's work elsewhere; for ELF it is little enough to be done here.
 */
export async function buildSingleFile(
  source: string,
  define: Record<string, string>,
  folder: string,
  node = process.execPath,
): Promise<string> {
  const [main, output] = [path.join(folder, "app.cjs"), path.join(folder, "app.blob")];
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  await build({
    absWorkingDir: repository,
    entryPoints: [source],
    outfile: main,
    bundle: true,
    platform: "node",
    format: "cjs",
    define,
    logLevel: "error",
    // What is published, instead of the sources that this repository's paths lead to.
    tsconfigRaw: {},
  });
  const config = path.join(folder, "sea.json");
  writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
  await execa(node, ["--experimental-sea-config", config]);
  const file = path.join(folder, "acme");
  writeFileSync(file, withNote(readFileSync(node), readFileSync(output)));
  chmodSync(file, 0o755);
  return file;
}

/** Why none can be made here; undefined if one can. */
export function singleFileProblem(): string | undefined {
  const isElf64 = () => readFileSync(process.execPath).subarray(0, 6).equals(elf64);
  return process.platform === "linux" && isElf64() ? undefined : "made from a 64-bit ELF Node only";
}

/** The mark of ELF, 64 bits, little endian. */
const elf64 = Buffer.from("\x7fELF\x02\x01", "latin1");
const [load, note, relro] = [1, 4, 0x6474e552];
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** The blob as an ELF note at the file's end, which two of its program headers now speak of. */
function withNote(node: Buffer, blob: Buffer): Buffer {
  const executable = Buffer.from(node);
  executable.write("1", executable.indexOf(`${fuse}0`) + fuse.length);
  const name = Buffer.from("NODE_SEA_BLOB\0");
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(name.length, 0);
  sizes.writeUInt32LE(blob.length, 4);
  const appended = Buffer.concat([sizes, name, Buffer.alloc(2), blob, Buffer.alloc(4)]);

  const [first, size] = [Number(node.readBigUInt64LE(32)), node.readUInt16LE(54)];
  const headers = Array.from({ length: node.readUInt16LE(56) }, (_, i) => first + i * size);
  const ends = headers
    .filter((at) => node.readUInt32LE(at) === load)
    .map((at) => Number(node.readBigUInt64LE(at + 16) + node.readBigUInt64LE(at + 40)));
  const page = 0x10000;
  const [offset, address] = [node.length, Math.max(...ends)].map((n) => Math.ceil(n / page) * page);
  for (const [taken, type] of [
    [note, note],
    [relro, load],
  ] as const) {
    const at = headers.find((header) => node.readUInt32LE(header) === taken) as number;
    const readable = 4;
    executable.writeUInt32LE(type, at);
    executable.writeUInt32LE(readable, at + 4);
    const length = appended.length;
    const align = type === load ? page : 4;
    for (const [i, value] of [offset, address, address, length, length, align].entries()) {
      executable.writeBigUInt64LE(BigInt(value as number), at + 8 + 8 * i);
    }
  }
  const gap = Buffer.alloc((offset as number) - node.length);
  return Buffer.concat([executable, gap, appended]);
}
