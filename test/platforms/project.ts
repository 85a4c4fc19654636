import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Receiver } from "sendoff/testing";
import { fixture } from "../e2e/harness.ts";

/** Projects in which what `npm pack` makes is installed. */

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Those that the repository has installed. */
export const packages = path.join(repository, "node_modules");

/** The tarball's path in a folder of its own, to be removed with it. */
export async function packTarball(): Promise<{ file: string; folder: string }> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "sendoff-platform-"));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await execa("npm", args, { cwd: repository });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return { file: path.join(folder, filename), folder };
}

/** A project with the builds of the fixtures, and nothing installed. */
export function makeProject(folder: string, manifest: object = {}): void {
  mkdirSync(folder, { recursive: true });
  cpSync(fixture("platforms"), folder, { recursive: true });
  for (const name of ["workers.mjs", "embedded.mjs"]) {
    cpSync(fixture(name), path.join(folder, name));
  }
  const app = { name: "app", version: "1.0.0", private: true, type: "module", ...manifest };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(app));
}

/** With the tarball alone, from no registry. */
async function npmInstall(project: string, tarball: string): Promise<void> {
  const flags = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await execa("npm", ["install", ...flags, tarball], { cwd: project });
}

/** One with the tarball installed, in a folder of its own. */
export async function installedProject(): Promise<{ project: string; folder: string }> {
  const { file, folder } = await packTarball();
  const project = path.join(folder, "project");
  makeProject(project);
  await npmInstall(project, file);
  return { project, folder };
}

/**
 * The repository's packages by links, all of them: Wine does not tell where a link leads. One for
 * each package, and none for a whole scope, into which npm would go to tidy up.
 */
export function linkBundlers(project: string): void {
  const names = readdirSync(packages).filter((name) => !name.startsWith("."));
  const withScopes = names.flatMap((name) =>
    name.startsWith("@")
      ? readdirSync(path.join(packages, name)).map((part) => `${name}/${part}`)
      : name,
  );
  for (const name of withScopes) {
    const link = path.join(project, "node_modules", name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(packages, name), link);
  }
}

export const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

/** Lets requests hang until what it returns is called. */
export function answersLater(receiver: Receiver): () => void {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  receiver.behave(() => answered.then(() => "accept" as const));
  return answer;
}
