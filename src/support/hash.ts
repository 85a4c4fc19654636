/**
 * 32 hexadecimal digits that tell texts apart, not cryptographic: four 32-bit lanes, each of which
 * multiplies by a prime of its own (as FNV-1a does), mixed at the end (as MurmurHash3 does). A
 * build would wait 2 ms for `node:crypto` to load.
 */
export function hash128(text: string): string {
  let [a, b, c, d] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca77);
    c = Math.imul(c ^ unit, 0xc2b2ae3d);
    d = Math.imul(d ^ unit, 0x27d4eb2f);
  }
  return [a ^ b, b ^ c, c ^ d, d ^ Math.imul(a, text.length | 1)].map(digits).join("");
}

function digits(lane: number): string {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return (mixed >>> 0).toString(16).padStart(8, "0");
}
