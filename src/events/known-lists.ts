import { errorTypes } from "./error-type.ts";

/**
 * Long lists of our own, with the hash of their JSON: a test has checked and hashed them, so that
 * not every build has to.
 */
export const knownLists = new Map<unknown, string>([
  [errorTypes, "d3306d0b95e53e1853c58fcb6f583b03"],
]);
