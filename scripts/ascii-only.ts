import type { Rolldown } from "tsdown";

/**
 * Writes every other character as its escape. A file with one of them in it is decoded slowly, and
 * kept in two bytes a character.
 */
export function asciiOnly(): Rolldown.Plugin {
  return {
    name: "ascii-only",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk" || !/\.[cm]?js$/.test(chunk.fileName)) continue;
        if (/String\.raw`[^`]*[^\0-\x7f]/.test(chunk.code)) {
          throw new Error(`${chunk.fileName} has a character that can't be escaped`);
        }
        chunk.code = chunk.code.replaceAll(/[^\0-\x7f]/g, escaped);
      }
    },
  };
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
