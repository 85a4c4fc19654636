import { type Asking, answerOf } from "./answer.ts";
import type { Table } from "./api.ts";
import { closedPeriod } from "./period.ts";
import type { Question } from "./question.ts";
import { tableOf } from "./table.ts";

/** An answer about the days that it can be about, and why there is none. */
export async function closedAnswerOf(
  question: Question,
  asking: Asking,
): Promise<{ period: { from: string; to: string }; table: Table }> {
  const closed = await closedPeriod(question, asking);
  const { from, to } = closed ?? question;
  const table = closed
    ? await answerOf({ ...question, from, to }, asking)
    : tableOf(question, [], { groups: 0, isWithheld: true });
  const { folded } = table;
  const few = `Fewer than ${asking.k} installations`;
  const message = !folded.isWithheld
    ? undefined
    : table.rows.length === 0
      ? `${few} stand behind this, or behind what it leaves out: ask for more days or fewer filters.`
      : `${few} stand behind some groups, which are left out.`;
  return { period: { from, to }, table: { ...table, ...(message && { message }) } };
}
