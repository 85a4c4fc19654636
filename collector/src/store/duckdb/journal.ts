import * as fs from "node:fs";
import { open, readdir, readFile, stat, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { makeFolder } from "../../config/folder.ts";

// A `FileHandle` does the same and takes twice the time for it.
const openFile = promisify(fs.open);
const write = promisify(fs.write);
const datasync = promisify(fs.fdatasync);
const closeFile = promisify(fs.close);

/** From the start of a group to that of the next, when many come: each costs the same, however long. */
const GROUP_EVERY_MS = 2;
/** Appends in a group; fewer are no crowd, and whoever sends one after the other isn't kept waiting. */
const MANY = 8;

/**
 * The journal: what has been answered and is not in the database yet. Rows are appended as lines of
 * JSON, in groups: all that came in while the group before was being written. A group is durable
 * after one `fdatasync`, and ends with a line that tells its length and checksum, so that a group
 * that a kill has torn is known and cut off; nobody has been answered for it.
 *
 * Segments are files with a rising number. `seal` ends one; sealed ones are loaded into the database
 * and deleted after that is checkpointed. A write that fails takes the groups behind it along.
 */
export class Journal {
  readonly #folder: string;
  #next: number;
  #segment: Segment | undefined;
  #group: Group | undefined;
  /** What the group before was written in. */
  #spare: Buffer | undefined;
  #seal: Deferred | undefined;
  #running: Promise<void> | undefined;
  readonly #sealed: SealedSegment[];
  #written: number;

  private constructor(folder: string, next: number, sealed: SealedSegment[]) {
    this.#folder = folder;
    this.#next = next;
    this.#sealed = sealed;
    this.#written = sealed.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Makes the folder where there is none, cuts off what is torn, deletes what is loaded.
   * @param loaded the number of the last segment that is in the database.
   */
  static async open(folder: string, loaded: number): Promise<Journal> {
    makeFolder(folder, "name another file", 0o700);
    const sealed: SealedSegment[] = [];
    for (const number of await numbersIn(folder)) {
      const file = join(folder, segmentName(number));
      const bytes = number > loaded ? await keepWholeGroups(file) : 0;
      if (bytes > 0) {
        sealed.push({ number, file, bytes });
      } else {
        await unlink(file);
      }
    }
    return new Journal(folder, Math.max(loaded, sealed.at(-1)?.number ?? 0) + 1, sealed);
  }

  /**
   * @param lines of JSON, each with its line end; empty to wait for what is on its way.
   * @param onFailed called before the promise rejects, if nothing of the group is kept.
   */
  append(lines: string, onFailed: () => void): Promise<void> {
    this.#group ??= new Group(this.#spare);
    this.#spare = undefined;
    const group = this.#group;
    group.add(lines);
    group.onFailed.push(onFailed);
    this.#running ??= this.#run();
    return group.promise;
  }

  /** Whether a group is waiting or being written. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Bytes that wait for their turn. */
  get waiting(): number {
    return this.#group?.length ?? 0;
  }

  /** Bytes of durable groups since it was opened, and those found then. */
  get written(): number {
    return this.#written;
  }

  /** Ends the segment that is being written, after all that was appended before. */
  seal(): Promise<void> {
    this.#seal ??= new Deferred();
    this.#running ??= this.#run();
    return this.#seal.promise;
  }

  /** Sealed segments after this number, oldest first, without what failed writes have left. */
  async sealedAfter(after: number): Promise<SealedSegment[]> {
    const segments = this.#sealed.filter(({ number, bytes }) => number > after && bytes > 0);
    for (const { file, bytes } of segments) {
      if ((await stat(file)).size > bytes) {
        await truncate(file, bytes);
      }
    }
    return segments;
  }

  /** Deletes segments up to this number. */
  async deleteUpTo(number: number): Promise<void> {
    while (this.#sealed[0] && this.#sealed[0].number <= number) {
      await unlink(this.#sealed[0].file);
      this.#sealed.shift();
    }
  }

  async #run(): Promise<void> {
    // What is appended by the same turn of the event loop goes together.
    await undefined;
    let next = 0;
    while (this.#group || this.#seal) {
      const early = next - performance.now();
      if (early > 0) {
        await pause(early);
      }
      const [group, seal] = [this.#group, this.#seal];
      next = group && group.onFailed.length >= MANY ? performance.now() + GROUP_EVERY_MS : 0;
      this.#group = undefined;
      this.#seal = undefined;
      if (group) {
        await this.#write(group);
        this.#spare = group.room;
      }
      if (seal) {
        await this.#end();
        seal.resolve();
      }
    }
    this.#running = undefined;
  }

  async #write(group: Group): Promise<void> {
    try {
      if (group.length > 0) {
        this.#segment ??= await this.#begin();
        this.#written += await this.#segment.write(group.ended());
      }
      group.resolve();
    } catch (error) {
      // Where it ends is not sure any more. A repeat in the next group may lean on an id of this one.
      await this.#end();
      const next = this.#group;
      this.#group = undefined;
      group.fail(error);
      next?.fail(error);
    }
  }

  async #begin(): Promise<Segment> {
    const number = this.#next;
    this.#next += 1;
    const file = join(this.#folder, segmentName(number));
    const descriptor = await openFile(file, "wx", 0o600);
    await syncFolder(this.#folder);
    return new Segment(number, file, descriptor);
  }

  async #end(): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    if (!segment) return;
    await segment.close();
    const { number, file, bytes } = segment;
    if (bytes > 0) this.#sealed.push({ number, file, bytes });
    // Of a full disk there would be one for each try; what can't be deleted, the next start does.
    else await unlink(file).catch(() => {});
  }
}

export interface SealedSegment {
  number: number;
  file: string;
  bytes: number;
}

class Deferred {
  resolve!: () => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Bytes at first; a group of sixty events. */
const GROUP_BYTES = 64 * 1024;
/** Larger ones than this many bytes are not kept for the next group. */
const SPARE_BYTES = 1024 * 1024;

/** As bytes, outside of the heap whose garbage is collected while they wait. */
class Group extends Deferred {
  #bytes: Buffer;
  length = 0;
  readonly onFailed: (() => void)[] = [];

  constructor(room: Buffer | undefined) {
    super();
    this.#bytes = room ?? Buffer.allocUnsafe(GROUP_BYTES);
  }

  /** For the next one, when this one is written. */
  get room(): Buffer | undefined {
    return this.#bytes.length > SPARE_BYTES ? undefined : this.#bytes;
  }

  add(lines: string): void {
    // A character takes three at most; the line that ends the group has its place, too.
    const most = this.length + 3 * lines.length + LONGEST_END;
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * most);
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    this.length += this.#bytes.write(lines, this.length);
  }

  /** With the line that ends it. */
  ended(): Buffer {
    const end = endLine(this.#bytes.subarray(0, this.length));
    return this.#bytes.subarray(0, this.length + this.#bytes.write(end, this.length));
  }

  fail(error: unknown): void {
    for (const onFailed of this.onFailed) {
      onFailed();
    }
    this.reject(error);
  }
}

class Segment {
  readonly number: number;
  readonly file: string;
  readonly #descriptor: number;
  /** Of whole, durable groups. */
  bytes = 0;

  constructor(number: number, file: string, descriptor: number) {
    this.number = number;
    this.file = file;
    this.#descriptor = descriptor;
  }

  /** @returns bytes. */
  async write(group: Buffer): Promise<number> {
    let written = 0;
    while (written < group.length) {
      const { bytesWritten } = await write(
        this.#descriptor,
        group,
        written,
        group.length - written,
        this.bytes + written,
      );
      written += bytesWritten;
    }
    await datasync(this.#descriptor);
    this.bytes += group.length;
    return group.length;
  }

  async close(): Promise<void> {
    await closeFile(this.#descriptor).catch(() => {});
  }
}

const END = '{"end":"';
/** Bytes; both numbers have ten digits at most. */
const LONGEST_END = 64;

/** `{"end":"<bytes>:<checksum>"}`: no column of an event, so loading skips it. */
function endLine(rows: Buffer): string {
  return `${END}${rows.length}:${crc32(rows)}"}\n`;
}

/** @returns how many bytes are whole; the rest is cut off. */
async function keepWholeGroups(file: string): Promise<number> {
  const bytes = await readFile(file);
  let whole = 0;
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(END, from);
    const lineEnd = end < 0 ? -1 : bytes.indexOf("\n", end);
    if (lineEnd < 0) {
      break;
    }
    if (bytes.toString("latin1", end, lineEnd + 1) === endLine(bytes.subarray(whole, end))) {
      whole = lineEnd + 1;
    }
    from = lineEnd + 1;
  }
  if (whole < bytes.length) {
    await truncate(file, whole);
  }
  return whole;
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function segmentName(number: number): string {
  return `${String(number).padStart(12, "0")}.ndjson`;
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d{12}\.ndjson$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}
