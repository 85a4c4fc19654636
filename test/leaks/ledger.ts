import { findIn, type Needle, needlesFor } from "./canaries.ts";
import type { Build } from "./harness.ts";

/** What was built, searched and found; printed as the suite's last words. */
export function createLedger(words: Readonly<Record<string, string>>, needles: readonly Needle[]) {
  const plain = needles.filter(({ encoding }) => encoding === "plain");
  const builds: { bundler: string; scenario: string; isSuccess: boolean; hits: number }[] = [];
  const wheres = new Map<string, { texts: number; bytes: number; hits: number }>();
  const errorTypes = new Map<string, number>();
  const onScreen = new Set<string>();
  let wholes = 0;

  return {
    /** Searches all that a build has left; what it finds, each with where: normally nothing. */
    enter(bundler: string, scenario: string, build: Build): string[] {
      const { evidence, events, isSuccess, output, project } = build;
      const ofProject = needlesFor({}, project.wholes);
      wholes = Object.keys(project.wholes).length;
      const hits = Object.entries(evidence).flatMap(([where, text]) => {
        const found = findIn(text, [...needles, ...ofProject]);
        const { texts, bytes, hits } = wheres.get(where) ?? { texts: 0, bytes: 0, hits: 0 };
        const isThere = text === "" ? 0 : 1;
        wheres.set(where, {
          texts: texts + isThere,
          bytes: bytes + text.length,
          hits: hits + found.length,
        });
        return found.map((what) => `${where}: ${what}`);
      });
      builds.push({ bundler, scenario, isSuccess, hits: hits.length });
      for (const { eventName, fields } of events) {
        if (eventName !== "build:failed") continue;
        const type = String(fields.errorType);
        errorTypes.set(type, (errorTypes.get(type) ?? 0) + 1);
      }
      for (const hit of findIn(output, plain)) onScreen.add(hit);
      return hits;
    },

    print(): void {
      const ofBundlers = [...new Set(builds.map(({ bundler }) => bundler))].map((bundler) => {
        const own = builds.filter((build) => build.bundler === bundler);
        return [bundler, ...count(own)];
      });
      const ofWheres = [...wheres].map(([where, { texts, bytes, hits }]) => [
        where,
        ...[texts, Math.round(bytes / 1024), hits].map(String),
      ]);
      const types = [...errorTypes].sort(([, a], [, b]) => b - a);
      console.log(
        [
          ...table(
            ["builds", "number", "failed", "ways of failing", "hits"],
            [...ofBundlers, ["all", ...count(builds)]],
          ),
          "",
          ...table(["searched", "texts", "KiB", "hits"], ofWheres),
          "",
          `canaries searched: ${Object.keys(words).length}, and ${wholes} whole texts with them, in ${new Set(needles.map(({ encoding }) => encoding)).size} encodings: ${needles.length} strings and those of each project`,
          `canaries on the builds' own screen: ${onScreen.size}`,
          `errorType of what arrived: ${types.map(([type, times]) => `${type} ${times}`).join(", ")}`,
          `builds: ${builds.length}, canaries: ${Object.keys(words).length}, hits: ${builds.reduce((sum, { hits }) => sum + hits, 0)}`,
        ].join("\n"),
      );
    },
  };

  function count(some: typeof builds): string[] {
    const failed = some.filter(({ isSuccess }) => !isSuccess);
    const ways = new Set(failed.map(({ scenario }) => scenario));
    const hits = some.reduce((sum, build) => sum + build.hits, 0);
    return [some.length, failed.length, ways.size, hits].map(String);
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] as string).length)));
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number);
  return all.map((row) => row.map(pad).join("  "));
}
