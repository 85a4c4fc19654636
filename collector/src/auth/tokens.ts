import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A token to give to somebody, and what the configuration says of it: its SHA-256 alone. */
export function createToken(): { token: string; hash: string } {
  const token = `sendoff_${randomBytes(32).toString("base64url")}`;
  return { token, hash: sha256(token).toString("hex") };
}

/**
 * @param hashes SHA-256 of each token, 64 hexadecimal digits.
 * @returns whether an `Authorization` header carries one of them; it takes as long for each answer.
 */
export function tokenCheck(hashes: readonly string[]): (authorization: string | null) => boolean {
  const known = hashes.map((hash) => Buffer.from(hash, "hex"));
  return (authorization) => {
    const [, token = ""] = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(authorization ?? "") ?? [];
    const given = sha256(token);
    const isKnown = known.map((hash) => timingSafeEqual(hash, given)).includes(true);
    return isKnown && token !== "";
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
