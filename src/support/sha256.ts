/**
 * SHA-256 of short texts. Loading `node:crypto` costs a build 2 ms, twenty times what hashing a
 * few hundred bytes in JavaScript does; nothing here is a secret that timing could give away. Ids
 * and salts are made by `node:crypto`, once an installation.
 */
export function sha256(text: string): string {
  const message = padded(Buffer.from(text));
  table ??= roots();
  const { initial, constants } = table;
  const state = Int32Array.from(initial);
  const words = new Int32Array(64);
  for (let offset = 0; offset < message.length; offset += 64) {
    mix(state, words, constants, message.subarray(offset));
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** A one bit, zeros up to a multiple of 64 bytes, and the length in bits at the end. */
function padded(bytes: Buffer): Buffer {
  const message = Buffer.alloc(Math.ceil((bytes.length + 9) / 64) * 64);
  bytes.copy(message);
  message[bytes.length] = 0x80;
  message.writeBigUInt64BE(BigInt(bytes.length) * 8n, message.length - 8);
  return message;
}

/** FIPS 180-4, section 6.2.2. */
function mix(state: Int32Array, w: Int32Array, constants: Int32Array, block: Buffer): void {
  for (let t = 0; t < 16; t++) w[t] = block.readInt32BE(t * 4);
  for (let t = 16; t < 64; t++) {
    const w15 = at(w, t - 15);
    const w2 = at(w, t - 2);
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    w[t] = at(w, t - 16) + s0 + at(w, t - 7) + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(constants, t) + at(w, t)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = at(state, i) + word;
}

type Eight = [number, number, number, number, number, number, number, number];

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function at(words: Int32Array, i: number): number {
  return words[i] as number;
}

/**
 * The first 32 bits of the fractional parts of the first primes' roots, as the standard says. Made
 * when first asked for: many a build hashes nothing.
 */
let table: { initial: Int32Array; constants: Int32Array } | undefined;

function roots() {
  const primes = firstPrimes(64);
  return {
    initial: Int32Array.from(primes.slice(0, 8), (prime) => fraction(prime ** (1 / 2))),
    constants: Int32Array.from(primes, (prime) => fraction(prime ** (1 / 3))),
  };
}

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) {
    if (found.every((prime) => n % prime !== 0)) found.push(n);
  }
  return found;
}
