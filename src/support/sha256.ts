/**
 * SHA-256 of short texts. Loading `node:crypto` costs a build 2 ms, twenty times what hashing a
 * few hundred bytes in JavaScript does; nothing here is a secret that timing could give away. Ids
 * and salts are made by `node:crypto`, once an installation.
 */
export function sha256(text: string): string {
  const bytes = Buffer.from(text);
  // A one bit, zeros up to a multiple of 64 bytes, and the length in bits at the end.
  const words = new Int32Array(Math.ceil((bytes.length + 9) / 64) * 16);
  for (let i = 0; i <= bytes.length; i++) {
    const byte = i < bytes.length ? (bytes[i] as number) : 0x80;
    words[i >> 2] = (words[i >> 2] as number) | (byte << (24 - 8 * (i & 3)));
  }
  words[words.length - 2] = bytes.length / 2 ** 29;
  words[words.length - 1] = bytes.length << 3;

  const state = new Int32Array(INITIAL);
  for (let offset = 0; offset < words.length; offset += 16) mix(state, words, offset);
  let digits = "";
  for (const word of state) digits += (word >>> 0).toString(16).padStart(8, "0");
  return digits;
}

/**
 * FIPS 180-4, section 6.2.2. All in one, its rotations written out: most of the time it runs once or
 * twice, in the interpreter, where a call takes longer than what is called.
 */
function mix(state: Int32Array, message: Int32Array, offset: number): void {
  const w: number[] = [];
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let t = 0; t < 64; t++) {
    let word = message[offset + t] as number;
    if (t >= 16) {
      const w15 = w[t - 15] as number;
      const w2 = w[t - 2] as number;
      const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
      const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
      word = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
    }
    w.push(word);
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (CONSTANTS[t] as number) + word) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
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
  state[0] = a + (state[0] as number);
  state[1] = b + (state[1] as number);
  state[2] = c + (state[2] as number);
  state[3] = d + (state[3] as number);
  state[4] = e + (state[4] as number);
  state[5] = f + (state[5] as number);
  state[6] = g + (state[6] as number);
  state[7] = h + (state[7] as number);
}

type Eight = [number, number, number, number, number, number, number, number];

/**
 * The first 32 bits of the fractional parts of the first primes' square and cube roots, as the standard
 * says. Written out: to compute them took a build's process longer than all the hashing.
 */
const INITIAL = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const CONSTANTS = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
