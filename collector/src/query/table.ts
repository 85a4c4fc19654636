import type { ReadRow } from "../store/store.ts";
import type { Column, Measure, Table } from "./api.ts";
import { OTHER } from "./fold.ts";
import type { By, Question } from "./question.ts";

/**
 * Rows of the engine as an answer's table.
 * @param isAbout whether different installations and projects are about so many.
 */
export function tableOf(
  question: Question,
  rows: readonly ReadRow[],
  folded: Table["folded"],
  isAbout = false,
): Table {
  const { by, measures } = question;
  const isSampled = rows.some(({ rate }) => rate !== null && Number(rate) < 1);
  const read = rows.map((row) => [
    ...by.map((one, index) => typedValue(one, String(row[`g${index}`]))),
    ...measures.map((measure) => numberOf(measure, row)),
  ]);
  return {
    columns: [
      ...by.map((one): Column => ({ name: one.name, kind: "dimension", ...unitOf(one) })),
      ...measures.map((measure) =>
        columnOf(
          measure,
          (isSampled && counts.includes(measure)) || (isAbout && distinct.includes(measure)),
        ),
      ),
    ],
    rows: ordered(question, read, rows),
    folded,
  };
}

function unitOf(by: By): Pick<Column, "unit"> {
  return by.kind === "dimension" && by.dimension.unit ? { unit: by.dimension.unit } : {};
}

const counts: readonly Measure[] = ["events", "builds", "failures"];
const distinct: readonly Measure[] = ["installations", "projects", "installationsHit"];

function columnOf(name: Measure, isApproximate: boolean): Column {
  const isShare = name === "successRate" || name === "installationsHit";
  const unit = isShare
    ? ("share" as const)
    : name.startsWith("p5") || /^p\d/.test(name)
      ? ("ms" as const)
      : undefined;
  return {
    name,
    kind: "measure",
    ...(unit && { unit }),
    ...(isApproximate && { isApproximate: true as const }),
  };
}

/** A value out of its text. */
export function typedValue(by: By, text: string): string | number | boolean | null {
  if (text === "") {
    return null;
  }
  if (by.kind !== "dimension" || text === OTHER || by.dimension.kind === "list") {
    return text;
  }
  switch (by.dimension.as) {
    case "boolean":
      return text === "true";
    case "number":
      return Number(text);
    case "text":
      return text;
  }
}

function numberOf(measure: Measure, row: ReadRow): number | null {
  const [completed, failures] = [Number(row.completed ?? 0), Number(row.failures ?? 0)];
  const builds = completed + failures;
  switch (measure) {
    case "builds":
      return Math.round(builds);
    case "successRate":
      return builds === 0 ? null : completed / builds;
    case "installationsHit":
      return row.hit === null || Number(row.installations) === 0
        ? null
        : Number(row.hit) / Number(row.installations);
    case "events":
    case "failures":
    case "installations":
      return row[measure] === null ? null : Math.round(Number(row[measure] ?? 0));
    default:
      return row[measure] === null ? null : Number(row[measure]);
  }
}

/** Time goes on; else the largest comes first, and what was folded last. */
function ordered(
  { by }: Question,
  read: (string | number | boolean | null)[][],
  rows: readonly ReadRow[],
): Table["rows"] {
  const step = by.findIndex(({ kind }) => kind === "step");
  const isFolded = (row: readonly unknown[]) => row.slice(0, by.length).includes(OTHER);
  return read
    .map((row, index) => ({ row, events: Number(rows[index]?.n ?? 0) }))
    .sort((a, b) => {
      const [left, right] = [String(a.row[step]), String(b.row[step])];
      if (step >= 0 && left !== right) {
        return left < right ? -1 : 1;
      }
      return Number(isFolded(a.row)) - Number(isFolded(b.row)) || b.events - a.events;
    })
    .map(({ row }) => row);
}
