import { copyStore } from "../copy/copy-store.ts";
import { openStore } from "../store/open-store.ts";

export interface CopyOptions {
  from: string;
  to: string;
  retentionDays: number;
}

/**
 * `sendoff-collector copy`: every event of one store into another, and their counts compared.
 * @returns whether they are the same.
 */
export async function copy({ from, to, retentionDays }: CopyOptions): Promise<boolean> {
  const onError = (error: Error) => process.stderr.write(`${error.message}\n`);
  const settings = { memoryLimit: 512, walSize: 64, queueSize: 256, threads: undefined };
  const open = (where: string) =>
    openStore(where, { ...settings, cluster: undefined, retentionDays, onError });
  const source = await open(from);
  try {
    const target = await open(to);
    try {
      const { events, differing } = await copyStore(source, target, (day, copied) =>
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
      return differing.length === 0;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
