import { webcrypto } from "node:crypto";

/**
 * The ids of the last 31 days, as 64-bit fingerprints in memory: what a repeat is known by. A
 * unique index on disk would do the same at 15 % of the throughput with 10 million events.
 *
 * Open addressing over typed arrays, 9 bytes a slot, 11 to 15 bytes an id. There are 256 tables,
 * so that one grows in a few milliseconds while the others wait for their turn.
 */

/** Repeats come within 30 days of the event: what is older is refused before it gets here. */
export const DAYS_OF_IDS = 31;

const TABLES = 256;
const FIRST_SLOTS = 64;
/** Above it, a look-up of an unknown id takes more than 13 slots. */
const FULL = 0.8;
/** Doubling would leave tables at 22 bytes an id after each growth. */
const GROWTH = 1.3;

/** A slot's byte: 0 is empty, 255 was forgotten, others are a day, modulo 250, and one. */
const EMPTY = 0;
const FORGOTTEN = 255;
const DAYS = 250;

/** Of this process: nobody outside knows which ids would share a slot. */
const [KEY_A, KEY_B] = webcrypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];

/**
 * 64 bits of an id, as two unsigned 32-bit numbers; other ones in each process. Ids are a client's to
 * choose: by a sum that anybody can compute, ten thousand of them would lie behind one another, and each
 * look-up would pass them all.
 */
export class Fingerprint {
  high = 0;
  low = 0;

  /** @param id a UUID. */
  ofId(id: string): this {
    return this.ofWords(
      wordAt(id, 0, 8),
      (wordAt(id, 9, 13) << 16) | wordAt(id, 14, 18),
      (wordAt(id, 19, 23) << 16) | wordAt(id, 24, 28),
      wordAt(id, 28, 36),
    );
  }

  /** The four 32-bit words of a UUID, the first digits first. */
  ofWords(a: number, b: number, c: number, d: number): this {
    // Either half of some kinds of UUID is a clock: each result takes from both.
    const high = Math.imul(a, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ d;
    const low = Math.imul(b, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f) ^ c;
    // Both ways back are open, so that no two of these become the same.
    this.low = (low ^ mixed(high ^ KEY_A)) >>> 0;
    this.high = (high ^ mixed(this.low ^ KEY_B)) >>> 0;
    this.low = (this.low ^ mixed(this.high ^ KEY_A)) >>> 0;
    return this;
  }
}

/** Each bit that goes in changes half of those that come out (MurmurHash3). */
function mixed(word: number): number {
  let bits = word ^ (word >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

function wordAt(id: string, from: number, end: number): number {
  let word = 0;
  for (let index = from; index < end; index += 1) {
    const code = id.charCodeAt(index);
    word = (word << 4) | ((code < 58 ? code - 48 : (code | 32) - 87) & 15);
  }
  return word;
}

export class KnownIds {
  readonly #tables = Array.from({ length: TABLES }, () => new Table(FIRST_SLOTS));

  /** @param day days since 1970, of the event. @returns whether it is new. */
  add({ high, low }: Fingerprint, day: number): boolean {
    return (this.#tables[high & (TABLES - 1)] as Table).add(high, low, 1 + (day % DAYS));
  }

  /** As if it had never come: its write failed. */
  forget(high: number, low: number): void {
    (this.#tables[high & (TABLES - 1)] as Table).forget(high, low);
  }

  /** Lets go of days that no repeat can come from, a table at a time, and the process in between. */
  async forgetBefore(today: number): Promise<void> {
    const isLive = (mark: number) => {
      const age = (((today - (mark - 1)) % DAYS) + DAYS) % DAYS;
      // A day after today is another zone's, or a clock's that runs ahead.
      return age <= DAYS_OF_IDS || age >= DAYS - 2;
    };
    for (const table of this.#tables) {
      table.keep(isLive);
      await new Promise(setImmediate);
    }
  }

  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.size, 0);
  }

  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + table.bytes, 0);
  }
}

class Table {
  #slots: number;
  /** `high`, `low` of each slot. */
  #words: Uint32Array;
  #marks: Uint8Array;
  /** Slots that are not empty, forgotten ones too. */
  #used = 0;
  #forgotten = 0;

  constructor(slots: number) {
    this.#slots = slots;
    this.#words = new Uint32Array(slots * 2);
    this.#marks = new Uint8Array(slots);
  }

  add(high: number, low: number, mark: number): boolean {
    const slot = this.#find(high, low);
    if (this.#marks[slot] !== EMPTY) {
      return false;
    }
    this.#words[slot * 2] = high;
    this.#words[slot * 2 + 1] = low;
    this.#marks[slot] = mark;
    this.#used += 1;
    if (this.#used > this.#slots * FULL) {
      this.#rebuild(() => true);
    }
    return true;
  }

  forget(high: number, low: number): void {
    const slot = this.#find(high, low);
    if (this.#marks[slot] !== EMPTY) {
      this.#marks[slot] = FORGOTTEN;
      this.#forgotten += 1;
    }
  }

  keep(isLive: (mark: number) => boolean): void {
    if (this.#marks.some((mark) => mark !== EMPTY && (mark === FORGOTTEN || !isLive(mark)))) {
      this.#rebuild(isLive);
    }
  }

  get size(): number {
    return this.#used - this.#forgotten;
  }

  get bytes(): number {
    return this.#words.byteLength + this.#marks.byteLength;
  }

  /** Where it is, or the empty slot where it would be. */
  #find(high: number, low: number): number {
    // The low bits of `high` have chosen the table, so `low` chooses the slot.
    let slot = Math.floor((low / 2 ** 32) * this.#slots);
    for (;;) {
      const mark = this.#marks[slot];
      const isIt =
        mark !== FORGOTTEN && this.#words[slot * 2] === high && this.#words[slot * 2 + 1] === low;
      if (mark === EMPTY || isIt) {
        return slot;
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
  }

  /** A new table, of a size that fits what stays. */
  #rebuild(isLive: (mark: number) => boolean): void {
    const [words, marks] = [this.#words, this.#marks];
    const stays = marks.reduce(
      (sum, mark) => sum + (mark !== EMPTY && mark !== FORGOTTEN && isLive(mark) ? 1 : 0),
      0,
    );
    this.#slots = Math.max(FIRST_SLOTS, Math.ceil((stays * GROWTH) / FULL));
    this.#words = new Uint32Array(this.#slots * 2);
    this.#marks = new Uint8Array(this.#slots);
    this.#used = stays;
    this.#forgotten = 0;
    for (let slot = 0; slot < marks.length; slot += 1) {
      const mark = marks[slot] as number;
      if (mark !== EMPTY && mark !== FORGOTTEN && isLive(mark)) {
        const high = words[slot * 2] as number;
        const low = words[slot * 2 + 1] as number;
        const free = this.#find(high, low);
        this.#words[free * 2] = high;
        this.#words[free * 2 + 1] = low;
        this.#marks[free] = mark;
      }
    }
  }
}
