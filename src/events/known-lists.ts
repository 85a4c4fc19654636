import { errorTypes } from "./error-type.ts";

/**
 * Long lists of our own, with the hash of their JSON: a test has checked and hashed them, so that
 * not every build has to.
 */
export const knownLists = new Map<unknown, string>([
  [errorTypes, "4b27d5619d0f7963227da74ce4cffc8a"],
]);
