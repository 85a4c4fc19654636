import { errorTypes } from "./error-type.ts";

/**
 * Long lists of our own, with the hash of their JSON: a test has checked and hashed them, so that
 * not every build has to.
 */
export const knownLists = new Map<unknown, string>([
  [errorTypes, "f4645ba52482693a16f9365e302727d3"],
]);
