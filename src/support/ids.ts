import { hash128 } from "./hash.ts";

/**
 * Names that must be unique, not secret: batches, events, sessions. `node:crypto` would cost every
 * build 2 ms; `Math.random` has 128 bits of state, seeded by the operating system for each process.
 */

/** A version 4 UUID. */
export function newUuid(): string {
  return uuid(randomHex(32), 4);
}

/** A version 8 UUID, the same for the same text. */
export function uuidOf(text: string): string {
  return uuid(hash128(text), 8);
}

function uuid(hex: string, version: number): string {
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function randomHex(digits: number): string {
  let hex = "";
  while (hex.length < digits) {
    const bits = Math.floor(Math.random() * 2 ** 32);
    hex += bits.toString(16).padStart(8, "0");
  }
  return hex.slice(0, digits);
}
