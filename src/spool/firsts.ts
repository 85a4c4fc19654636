import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { createFile, makeFolder, removeIfThere } from "../support/files.ts";
import { firstsKept } from "../support/limits.ts";
import type { FirstOf } from "./batch.ts";

/**
 * Active machines can be counted without an id: the first event of a day says that it is, and
 * whether it is the first of its week and month too. Their sums are what ids would have told. All
 * that is kept is an empty file a period, which one of many builds at once succeeds in creating.
 */

/** Undefined if it isn't the first of its day. @throws where the folder can't be made or written. */
export function claimFirsts(folder: string, timestamp: string): FirstOf | undefined {
  const claim = (period: string) => {
    const file = path.join(folder, period);
    return !existsSync(file) && createFile(file, "");
  };
  const { day, week, month } = periodsOf(timestamp);
  // Whoever has the day claims its week and month as well.
  if (existsSync(path.join(folder, day))) return undefined;
  makeFolder(folder);
  if (!claim(day)) return undefined;
  const first = { day: true, week: claim(week), month: claim(month) };
  const old = oldIn(folder);
  for (const period of old) removeIfThere(path.join(folder, period));
  // So long ago that nobody remembers whether it was.
  return old.includes(day) ? undefined : first;
}

function oldIn(folder: string): string[] {
  const names = readdirSync(folder).sort();
  const kinds = [...new Set(names.map(kindOf))];
  return kinds.flatMap((kind) =>
    names.filter((name) => kindOf(name) === kind).slice(0, -firstsKept),
  );
}

function kindOf(period: string): string | undefined {
  return period.split("_")[0];
}

/** By UTC; a week belongs to its Thursday's year, as ISO 8601 has it. */
function periodsOf(timestamp: string): Record<keyof FirstOf, string> {
  const dayMs = 24 * 60 * 60 * 1000;
  const iso = new Date(timestamp).toISOString();
  const thursday = new Date(iso);
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1;
  return {
    day: `day_${iso.slice(0, 10)}`,
    week: `week_${year}-${String(week).padStart(2, "0")}`,
    month: `month_${iso.slice(0, 7)}`,
  };
}
