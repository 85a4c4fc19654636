import type { ReadRow } from "../store/store.ts";
import { type Asking, read } from "./answer.ts";
import { addDays } from "./days.ts";
import { behind, type Part } from "./k.ts";
import type { Question } from "./question.ts";
import { endsOfSql, endsSql, stepsSql } from "./sql.ts";

/**
 * The days that an answer is about. Two questions of which one has a day less must not tell that day
 * if few stand behind it: so a period begins and ends with a day that enough do. Where no day has
 * enough, whole weeks do the same.
 * @returns undefined where no week has, either.
 */
export async function closedPeriod(
  question: Question,
  asking: Asking,
): Promise<{ from: string; to: string } | undefined> {
  const { reader, k } = asking;
  if (k > 1) {
    // Most have enough on both, and two days are soon read.
    const { from, to } = question;
    const days = from === to ? [from] : [from, to];
    const atEnds = stepsIn(await read(asking, endsOfSql(reader.dialect, question, days)));
    if (days.every((day) => atEnds.has(day))) {
      return question;
    }
  }
  const [ends] = await read(asking, endsSql(reader.dialect, question));
  if (!ends || Number(ends.n) === 0 || k <= 1) {
    return question;
  }
  const { first, last } = ends as { first: string; last: string };
  const days = [...(await stepsWith("day"))].sort();
  if (days.includes(first) && days.includes(last)) {
    return question;
  }
  const [firstDay, lastDay] = [days[0], days.at(-1)];
  if (firstDay && lastDay) {
    return {
      from: firstDay === first ? question.from : firstDay,
      to: lastDay === last ? question.to : lastDay,
    };
  }
  const weeks = [...(await stepsWith("week"))]
    .filter((week) => week >= question.from && addDays(week, 6) <= question.to)
    .sort();
  const [firstWeek, lastWeek] = [weeks[0], weeks.at(-1)];
  return firstWeek && lastWeek ? { from: firstWeek, to: addDays(lastWeek, 6) } : undefined;

  async function stepsWith(step: "day" | "week"): Promise<Set<string>> {
    return stepsIn(await read(asking, stepsSql(reader.dialect, question, step)));
  }

  /** Those that enough stand behind. */
  function stepsIn(rows: readonly ReadRow[]): Set<string> {
    const parts = rows.map((row): Part & { step: string } => ({
      ...{ group: [], within: [], step: String(row.step), place: row.place as Part["place"] },
      ...{ events: Number(row.n), people: Number(row.people) },
    }));
    const found = new Set(parts.map((part) => part.step));
    return new Set(
      [...found].filter((one) => behind(parts.filter((part) => part.step === one)) >= k),
    );
  }
}
