import type { Rolldown } from "tsdown";

/** From this many words on; a short list says more as it stands. */
const leastWords = 5;

/**
 * Writes a list of words as one text that is split: a build reads the files at each start, and for
 * its engine a text is one token where a list is hundreds.
 */
export function compactLists(): Rolldown.Plugin {
  return {
    name: "compact-lists",
    renderChunk(code, { fileName }) {
      if (!/\.[cm]?js$/.test(fileName)) return null;
      return code.replaceAll(/\[\s*("[\w.:+-]+"(?:,\s*"[\w.:+-]+")*)\s*\]/g, asText);
    },
  };
}

function asText(list: string, quoted: string): string {
  const words = quoted.split(/,\s*/).map((word) => word.slice(1, -1));
  return words.length < leastWords ? list : `"${words.join(" ")}".split(" ")`;
}
