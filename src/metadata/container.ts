import { existsSync, fstatSync, statSync } from "node:fs";
import { nullDevice } from "../support/files.ts";

/**
 * Is this a place that may be thrown away or copied? There no id, salt or project hash is made, so
 * that neither an image nor a cache carries one, and runs don't count as installations. These are
 * the build's own quick looks; `isDocker` in a payload is found by the sender, more thoroughly.
 */
export interface Place {
  isCI: boolean;
  isContainer: boolean;
  /** Somebody's machine after all, such as a development container: they settled in. */
  hasPreferences: boolean;
  /** Only counts in a container; `hasTerminal()` need not be asked elsewhere. */
  hasTerminal: boolean;
}

/** CI, or a container without a terminal and without preferences. */
export function isEphemeral({ isCI, isContainer, hasPreferences, hasTerminal }: Place): boolean {
  return isCI || (isContainer && !hasTerminal && !hasPreferences);
}

/** Docker's mark, Podman's mark, or BuildKit's host name. */
export function isContainer(): boolean {
  return (
    existsSync("/.dockerenv") ||
    existsSync("/run/.containerenv") ||
    // `docker build` leaves no mark (moby/buildkit#4503), and is what makes images.
    process.getBuiltinModule("node:os").hostname() === "buildkitsandbox"
  );
}

/** Whether any of stdin, stdout and stderr is a terminal; the streams themselves are not made. */
export function hasTerminal(): boolean {
  // `node:tty` takes 2 ms to load, and in most containers these are pipes and the null device.
  const descriptors = [0, 1, 2].filter(mayBeTerminal);
  if (descriptors.length === 0) return false;
  const { isatty } = process.getBuiltinModule("node:tty");
  return descriptors.some((descriptor) => isatty(descriptor));
}

function mayBeTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    if (!found.isCharacterDevice()) return false;
    // Some Windows versions know no device numbers: 0 is any device.
    return found.rdev === 0 || found.rdev !== statSync(nullDevice()).rdev;
  } catch {
    return false; // Closed.
  }
}
