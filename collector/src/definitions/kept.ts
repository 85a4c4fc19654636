import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../config/folder.ts";
import { SettingsError } from "../config/told-error.ts";
import { type Product, readProduct } from "./product.ts";
import { createProducts, type Products } from "./products.ts";

/**
 * Reads the schema files that a collector is started with, and keeps a copy of each in a folder
 * beside the database, so that builds of older versions are held to their own definitions after the
 * operator has replaced the file.
 *
 * @param files as `events --json-schema` wrote them.
 * @param folder null where nothing can be kept.
 * @param onSkipped told of a kept file that can't be used (of another version, or cut off with the
 * power): events by it are held to the newest.
 * @throws SettingsError for a given file that is none, with the fix.
 */
export function loadProducts(
  files: readonly string[],
  folder: string | null,
  onSkipped: (problem: string) => void,
): Products {
  const given = files.map((file) => ({ file, schema: readSchema(file) }));
  const current = given.map(({ file, schema }) => readProduct(schema, file));
  if (folder === null) return createProducts(current);
  makeFolder(folder, "name another place by --store", 0o700);
  const names = new Set(current.map(({ name }) => name));
  const earlier = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name): Product[] => {
      const file = join(folder, name);
      try {
        return [readProduct(readSchema(file), file)];
      } catch (error) {
        onSkipped((error as Error).message);
        return [];
      }
    })
    .filter(({ name }) => names.has(name));
  for (const [index, { schema }] of given.entries()) {
    const file = join(folder, `${current[index]?.fingerprint}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(schema));
    renameSync(`${file}.new`, file);
  }
  return createProducts(current, earlier);
}

function readSchema(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(
      `${file} can't be read (${(error as NodeJS.ErrnoException).code}): name the file that \`<product> telemetry events --json-schema\` has written.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingsError(
      `${file} is not JSON: write it by \`<product> telemetry events --json-schema > ${file}\`.`,
    );
  }
}
