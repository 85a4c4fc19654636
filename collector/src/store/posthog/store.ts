import type { EventRow, IdHash } from "../../rows/row.ts";
import { Journal } from "../duckdb/journal.ts";
import { type Erasure, type Store, StoreBusyError, type WriteResult } from "../store.ts";
import { Forwarder } from "./forwarder.ts";
import type { PosthogSettings } from "./settings.ts";
import { TombstoneFile } from "./tombstones.ts";

const MIB = 1024 * 1024;

/**
 * Forwards to PostHog, out of a durable queue: answered when an event is in the queue, sent within a
 * second, or when PostHog takes something again. It can't be asked for anything.
 */
export async function openPosthog(settings: PosthogSettings): Promise<Store> {
  const journal = await Journal.open(settings.folder, 0);
  const tombstones = await TombstoneFile.open(settings.folder);
  return new PosthogStore(settings, journal, tombstones);
}

class PosthogStore implements Store {
  readonly name: string;
  readonly ready = Promise.resolve();
  readonly #settings: PosthogSettings;
  readonly #journal: Journal;
  readonly #tombstones: TombstoneFile;
  readonly #forwarder: Forwarder;
  #closing: Promise<void> | undefined;

  constructor(settings: PosthogSettings, journal: Journal, tombstones: TombstoneFile) {
    this.name = `posthog:${settings.host}`;
    this.#settings = settings;
    this.#journal = journal;
    this.#tombstones = tombstones;
    this.#forwarder = new Forwarder(journal, tombstones, settings);
    // What waited when the last collector ended.
    this.#forwarder.soon(0);
  }

  async write(rows: readonly EventRow[]): Promise<WriteResult> {
    if (this.#closing) {
      throw new StoreBusyError("The store is closed.", 5);
    }
    if (this.#forwarder.behind > (this.#settings.queueSize ?? 256) * MIB) {
      throw new StoreBusyError("More is waiting for PostHog than the settings allow.", 60);
    }
    const taken = rows.filter(({ anonymousId }) => !this.#tombstones.has(anonymousId));
    if (taken.length > 0) {
      const lines = taken.map((row) => `${JSON.stringify(row)}\n`).join("");
      try {
        await this.#journal.append(lines, () => {});
      } catch (error) {
        this.#settings.onError?.(error as Error);
        throw new StoreBusyError(`The queue for PostHog: ${(error as Error).message}`, 60);
      }
      this.#forwarder.soon();
    }
    // PostHog drops repeats; here nobody knows them.
    return { taken: taken.length, repeated: 0, forgotten: rows.length - taken.length };
  }

  /** What has been forwarded can't be recalled. */
  async erase(installation: IdHash, now: Date): Promise<Erasure> {
    await this.#tombstones.add(installation, now.getTime());
    await this.#forwarder.remove(installation);
    return { goneBy: null };
  }

  async maintain(now: Date): Promise<void> {
    await this.#tombstones.forget(now.getTime());
  }

  close(): Promise<void> {
    this.#closing ??= this.#forwarder.stop().then(() => this.#journal.seal());
    return this.#closing;
  }
}
