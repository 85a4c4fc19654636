import type { ReadRow } from "../store/store.ts";
import { type Asking, read } from "./answer.ts";
import { addDays } from "./days.ts";
import { behind, type Part } from "./k.ts";
import type { Question } from "./question.ts";
import { endsOfSql, stepsSql } from "./sql.ts";

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
  const { from, to } = question;
  if (k <= 1) {
    return question;
  }
  // Most have enough on both, and two days are soon read.
  const atEnds = from === to ? [from] : [from, to];
  const enough = stepsIn(await read(asking, endsOfSql(reader.dialect, question, atEnds)), k);
  if (atEnds.every((day) => enough.includes(day))) {
    return question;
  }
  const days = await daysOf(question, asking);
  const [first, last] = [days.all[0], days.all.at(-1)];
  if (first === undefined) {
    return question;
  }
  const [firstDay, lastDay] = [days.enough[0], days.enough.at(-1)];
  if (firstDay && lastDay) {
    return {
      from: firstDay === first ? from : firstDay,
      to: lastDay === last ? to : lastDay,
    };
  }
  const weeks = stepsIn(await read(asking, stepsSql(reader.dialect, question, "week")), k).filter(
    (week) => week >= from && addDays(week, 6) <= to,
  );
  const [firstWeek, lastWeek] = [weeks[0], weeks.at(-1)];
  return firstWeek && lastWeek ? { from: firstWeek, to: addDays(lastWeek, 6) } : undefined;
}

/** Days that have events, and those that enough stand behind: of these, the first and the last for sure. */
async function daysOf(question: Question, asking: Asking) {
  const { reader, k } = asking;
  const rows = await read(asking, stepsSql(reader.dialect, question, "day", true));
  const counts = new Map<string, number>();
  for (const { step, n } of rows) {
    counts.set(String(step), (counts.get(String(step)) ?? 0) + Number(n));
  }
  const all = [...counts.keys()].sort();
  const enough = stepsIn(rows, k);
  const [first = "9999", last = ""] = [enough[0], enough.at(-1)];
  const isSure = all.every(
    (day) => (day >= first && day <= last) || (counts.get(day) as number) < k,
  );
  const exact = isSure ? rows : await read(asking, stepsSql(reader.dialect, question, "day"));
  return { all, enough: stepsIn(exact, k) };
}

/** Steps that enough stand behind, in their order. */
function stepsIn(rows: readonly ReadRow[], k: number): string[] {
  const parts = rows.map((row): Part & { step: string } => ({
    ...{ group: [], within: [], step: String(row.step), place: row.place as Part["place"] },
    ...{ events: Number(row.n), people: Number(row.people) },
  }));
  const found = new Set(parts.map((part) => part.step));
  return [...found].filter((one) => behind(parts.filter((part) => part.step === one)) >= k).sort();
}
