import { readFile } from "node:fs/promises";
import type { EventRow, IdHash } from "../../rows/row.ts";
import type { Journal, SealedSegment } from "../duckdb/journal.ts";
import { type Outcome, post } from "./post.ts";
import type { PosthogSettings } from "./settings.ts";
import type { TombstoneFile } from "./tombstones.ts";

/** What comes in meanwhile goes in one request. */
const FORWARD_AFTER_MS = 1000;
const FIRST_BACKOFF_MS = 1000;
const EVENTS_A_REQUEST = 500;

/**
 * Empties the queue into PostHog, segment by segment, oldest first. A segment goes when all of it was
 * taken; after a kill it is sent again, under the same ids.
 */
export class Forwarder {
  readonly #journal: Journal;
  readonly #tombstones: TombstoneFile;
  readonly #settings: PosthogSettings;
  readonly #stop = new AbortController();
  #failures = 0;
  #forwardedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Segments are read, and taken away, by one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal, tombstones: TombstoneFile, settings: PosthogSettings) {
    this.#journal = journal;
    this.#tombstones = tombstones;
    this.#settings = settings;
  }

  /** Bytes that wait. */
  get behind(): number {
    return this.#journal.written - this.#forwardedBytes;
  }

  soon(afterMs = FORWARD_AFTER_MS): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#inTurn(() => this.#forward()).catch((error) => {
        this.#settings.onError?.(error);
        this.soon(this.#backoff(undefined));
      });
    }, afterMs);
  }

  /** Deletes an installation's rows: the others of the queue are written anew behind it. */
  remove(installation: IdHash): Promise<void> {
    return this.#inTurn(async () => {
      await this.#journal.seal();
      const segments = await this.#journal.sealedAfter(0);
      const rows = (await Promise.all(segments.map(rowsIn))).flat();
      const kept = rows.filter(({ anonymousId }) => anonymousId !== installation);
      if (kept.length < rows.length) {
        await this.#journal.append(
          kept.map((row) => `${JSON.stringify(row)}\n`).join(""),
          () => {},
        );
        await this.#drop(segments);
      }
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort(new Error("The collector stops."));
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #forward(): Promise<void> {
    await this.#journal.seal();
    for (const segment of await this.#journal.sealedAfter(0)) {
      const rows = await rowsIn(segment);
      for (let at = 0; at < rows.length; at += EVENTS_A_REQUEST) {
        const outcome = await this.#send(rows.slice(at, at + EVENTS_A_REQUEST));
        if (outcome.is === "later") {
          if (!this.#stop.signal.aborted) {
            this.#settings.onError?.(new Error(outcome.why));
          }
          this.soon(this.#backoff(outcome.afterMs));
          return;
        }
      }
      this.#failures = 0;
      await this.#drop([segment]);
    }
  }

  /** What is refused in one request is sent in two, down to the event that it is because of. */
  async #send(some: readonly EventRow[]): Promise<Outcome> {
    const rows = some.filter(({ anonymousId }) => !this.#tombstones.has(anonymousId));
    if (rows.length === 0) {
      return { is: "taken" };
    }
    const outcome = await post(rows, this.#settings, this.#stop.signal);
    if (outcome.is !== "refused") {
      return outcome;
    }
    if (rows.length === 1) {
      this.#settings.onError?.(new Error(`${outcome.why}: event ${rows[0]?.id} was dropped.`));
      return { is: "taken" };
    }
    const half = rows.length >> 1;
    const first = await this.#send(rows.slice(0, half));
    return first.is === "later" ? first : this.#send(rows.slice(half));
  }

  async #drop(segments: readonly SealedSegment[]): Promise<void> {
    await this.#journal.deleteUpTo(segments.at(-1)?.number ?? 0);
    this.#forwardedBytes += segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Full jitter, doubling; or what PostHog asks for. */
  #backoff(askedMs: number | undefined): number {
    this.#failures += 1;
    const longest = this.#settings.longestBackoff ?? 300_000;
    const limit = Math.min(longest, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 20));
    return askedMs === undefined ? Math.random() * limit : Math.min(askedMs, longest);
  }
}

/** Without the lines that end a group. */
async function rowsIn({ file }: SealedSegment): Promise<EventRow[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines
    .filter((line) => line && !line.startsWith('{"end":'))
    .map((line) => JSON.parse(line) as EventRow);
}
