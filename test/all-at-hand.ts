import { haveAtHand } from "../src/tracker/later.ts";
import { parts } from "../src/tracker/later-parts.ts";

/** Run before each file: from sources nothing can be required later. */
haveAtHand(parts);
