import { readdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { isAbsolute, join } from "node:path";
import type { Rolldown } from "tsdown";

/**
 * What others wrote and the published files contain. Installing sendoff installs one package, so
 * the code it uses is bundled, and the licences must travel with it. This looks at what really
 * ended up in the files, not at what package.json says, and fails the build for
 *
 * - code of a package that is not on the list,
 * - a package without a licence text, or under a licence nobody here has agreed to,
 * - an import, at run time, of anything but Node's own modules and what is installed beside them.
 *
 * @param installed what package.json has as dependencies; none of sendoff itself.
 */
export function thirdParty(allowedPackages: readonly string[], installed: readonly string[] = []) {
  const roots = new Map<string, string>();

  const plugin: Rolldown.Plugin = {
    name: "third-party",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const [id, module] of Object.entries(chunk.modules)) {
          const owner = module.renderedLength > 0 && packageOf(id);
          if (!owner) continue;
          if (!allowedPackages.includes(owner.name)) {
            this.error(
              `${chunk.fileName} would contain ${owner.name}: list it in tsdown.config.ts`,
            );
          }
          roots.set(owner.root, owner.name);
        }
        // Declarations may name a bundler's types; whoever imports the plugin has that bundler.
        if (/\.d\.[cm]ts$/.test(chunk.fileName)) continue;
        // `chunk.dynamicImports` leaves out what is external, so the modules are asked.
        const imports = chunk.moduleIds.flatMap((id) => {
          const info = this.getModuleInfo(id);
          return info ? [...info.importedIds, ...info.dynamicallyImportedIds] : [];
        });
        for (const id of imports) {
          if (isBuiltin(id) || isAbsolute(id) || id.startsWith("\0")) continue;
          if (id.startsWith("sendoff/")) continue;
          if (installed.some((name) => id === name || id.startsWith(`${name}/`))) continue;
          this.error(`${chunk.fileName} imports ${id}, which nobody will have installed`);
        }
      }
    },
  };

  // The last file of a build: its age tells whether `dist` is up to date (ensure-built.mjs).
  const writeNotices = async (outDir: string) => {
    const notices = await Promise.all([...roots.keys()].map(noticeOf));
    const text = [HEADER, ...new Set(notices.sort())].join(`\n${"-".repeat(80)}\n\n`);
    await writeFile(join(outDir, "THIRD-PARTY-NOTICES.txt"), text);
  };

  return { plugin, writeNotices };
}

const ALLOWED_LICENCES = ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"];

const HEADER = `sendoff is published under the MIT licence, see LICENSE.
Its files contain code of the packages below, under their own licences.
`;

/** `/a/node_modules/b/node_modules/@c/d/e.js` belongs to `@c/d`; null for code of our own. */
function packageOf(moduleId: string): { name: string; root: string } | null {
  const [, root, name] =
    /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))[\\/]/.exec(moduleId) ?? [];
  return root && name ? { root, name: name.replace("\\", "/") } : null;
}

async function noticeOf(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  if (!ALLOWED_LICENCES.includes(license)) {
    throw new Error(`${name} ${version} is under ${license}, which is none of ${ALLOWED_LICENCES}`);
  }
  const files = (await readdir(root)).filter((file) => /^(licen[cs]e|notice)(\.\w+)?$/i.test(file));
  if (!files.some((file) => /^licen[cs]e/i.test(file))) {
    throw new Error(`${name} ${version} comes without a licence text`);
  }
  const texts = await Promise.all(files.sort().map((file) => readFile(join(root, file), "utf8")));
  return `${name} ${version} (${license})\n\n${texts.map((text) => `${text.trim()}\n`).join("\n")}`;
}
