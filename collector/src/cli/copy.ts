import { existsSync } from "node:fs";
import { resolveSettings } from "../config/resolve-settings.ts";
import { SettingsError } from "../config/told-error.ts";
import { copyStore } from "../copy/copy-store.ts";
import { runningSource } from "../copy/socket.ts";
import { type CopySource, sourceOf } from "../copy/source.ts";
import { checkPlace, folderOf, openStore } from "../store/open-store.ts";

export interface CopyOptions {
  from: string;
  to: string;
  retentionDays: string;
}

/**
 * `sendoff-collector copy`: every event of one store into another, and their counts compared.
 * @returns whether all is there.
 * @throws SettingsError for what can't be copied.
 */
export async function copy({ from, to, ...flags }: CopyOptions): Promise<boolean> {
  const { retentionDays } = resolveSettings({ flags: { events: ["none"], ...flags }, env: {} });
  const file = folderOf([from])?.base;
  // An engine makes what isn't there.
  if (file !== undefined && !existsSync(file)) {
    throw new SettingsError(`--from ${from}: ${file} isn't there: name the file of a collector.`);
  }
  if (file !== undefined && folderOf([to])?.base === file) {
    throw new SettingsError("--from and --to are the same file: name another to copy to.");
  }
  checkPlace([to], "name another file by --to");
  const onError = (error: Error) => process.stderr.write(`${error.message}\n`);
  const settings = { memoryLimit: 512, walSize: 64, queueSize: 256, threads: undefined };
  const open = (where: string) =>
    openStore(where, { ...settings, cluster: undefined, retentionDays, onError });
  const { source, close } = await openSource(from, open);
  try {
    const target = await open(to);
    try {
      const { events, since, differing } = await copyStore(source, target, (day, copied) =>
        process.stdout.write(`${day}  ${copied} events\n`),
      );
      for (const { product, day, from: had, to: has } of differing) {
        process.stdout.write(
          `${product} ${day}: ${had} in ${source.name}, ${has} in ${target.name}\n`,
        );
      }
      process.stdout.write(
        differing.length === 0
          ? `${events} events are in ${target.name}, every day of every product.\n`
          : "Not all is there: run the same command again.\n",
      );
      if (since > 0) {
        process.stdout.write(`${since} came in since: the same command copies them, too.\n`);
      }
      return differing.length === 0;
    } finally {
      await target.close();
    }
  } finally {
    await close();
  }
}

async function openSource(
  from: string,
  open: (where: string) => ReturnType<typeof openStore>,
): Promise<{ source: CopySource; close: () => Promise<void> }> {
  const file = folderOf([from])?.base;
  const running = file === undefined ? undefined : await runningSource(file);
  if (running) return { source: running, close: async () => {} };
  checkPlace([from], "name another file by --from");
  const store = await open(from);
  await store.ready;
  return { source: sourceOf(store), close: () => store.close() };
}
