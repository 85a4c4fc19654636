import { copyStore } from "../copy/copy-store.ts";
import { runningSource } from "../copy/socket.ts";
import { type CopySource, sourceOf } from "../copy/source.ts";
import { folderOf, openStore } from "../store/open-store.ts";

export interface CopyOptions {
  from: string;
  to: string;
  retentionDays: number;
}

/**
 * `sendoff-collector copy`: every event of one store into another, and their counts compared.
 * @returns whether all is there.
 */
export async function copy({ from, to, retentionDays }: CopyOptions): Promise<boolean> {
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
  const store = await open(from);
  await store.ready;
  return { source: sourceOf(store), close: () => store.close() };
}
