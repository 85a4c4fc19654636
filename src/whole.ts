/**
 * The same as `index.ts`, with all of it at hand: what bundlers bundle, and what runs where a file
 * can't be required later.
 */
import { haveAtHand } from "./tracker/later.ts";
import { parts } from "./tracker/later-parts.ts";

haveAtHand(parts);

export * from "./index.ts";
