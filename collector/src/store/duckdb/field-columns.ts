import { identifier, quoted } from "./quoted.ts";

/** A product's own field may be of several kinds: it was another one in an earlier version. */
type FieldKind = "boolean" | "number" | "text" | "list" | "map";

const types: Record<FieldKind, string> = {
  boolean: "BOOLEAN",
  number: "DOUBLE",
  text: "VARCHAR",
  list: "VARCHAR[]",
  map: "JSON",
};

interface FieldColumn {
  /** `toolsCount:number`; `~2` after it where the engine takes two for one, which differ by capitals. */
  column: string;
  field: string;
  kind: FieldKind;
}

const COLUMN = /^(.*):(boolean|number|text|list|map)(?:~\d+)?$/s;

/**
 * The columns of products' own fields: one for each field and kind that an event has had. A question
 * reads the one it asks for, where in one column of JSON it would read all of them.
 */
export class FieldColumns {
  readonly #known = new Map<string, FieldColumn>();
  readonly #byField = new Map<string, Partial<Record<FieldKind, FieldColumn>>>();
  /** Those that the table has; the others wait for the next load. */
  readonly #added = new Set<FieldColumn>();

  /** @param columns of the table. */
  constructor(columns: readonly string[]) {
    this.learn(columns);
    this.added(this.missing);
  }

  get missing(): FieldColumn[] {
    return [...this.#known.values()].filter((column) => !this.#added.has(column));
  }

  added(columns: readonly FieldColumn[]): void {
    for (const column of columns) this.#added.add(column);
  }

  /** @param columns of a table or a journal; others than fields' have no colon. */
  learn(columns: readonly string[]): void {
    for (const column of columns) {
      const [, field, kind] = COLUMN.exec(column) ?? [];
      if (field !== undefined && !this.#known.has(column.toLowerCase())) {
        this.#know({ column, field, kind: kind as FieldKind });
      }
    }
  }

  #know(column: FieldColumn): FieldColumn {
    this.#known.set(column.column.toLowerCase(), column);
    const kinds = this.#byField.get(column.field) ?? {};
    this.#byField.set(column.field, { ...kinds, [column.kind]: column });
    return column;
  }

  /** An event's fields as JSON, by their columns, which are known from then on. */
  json(fields: Record<string, unknown>): string {
    let json = "";
    for (const field of Object.keys(fields)) {
      const value = fields[field];
      const kind = kindOf(value);
      if (kind === undefined) continue;
      const { column } = this.#byField.get(field)?.[kind] ?? this.#add(field, kind);
      json += `${json && ","}${JSON.stringify(column)}:${JSON.stringify(value)}`;
    }
    return `{${json}}`;
  }

  #add(field: string, kind: FieldKind): FieldColumn {
    const name = `${field}:${kind}`;
    let column = name;
    for (let n = 2; this.#known.has(column.toLowerCase()); n += 1) column = `${name}~${n}`;
    return this.#know({ column, field, kind });
  }

  /** A column as it stands in a query; null where no event has had that. */
  of(field: string, kind: FieldKind): string {
    const column = this.#byField.get(field)?.[kind];
    return column && this.#added.has(column)
      ? identifier(column.column)
      : `CAST(NULL AS ${types[kind]})`;
  }

  /** All fields of an event as the text of one object, as they came; null where it has none. */
  get asJson(): string {
    const parts = this.there.map(
      ({ column, field }) =>
        `${quoted(`${JSON.stringify(field)}:`)} || to_json(${identifier(column)})::VARCHAR`,
    );
    return parts.length === 0
      ? "CAST(NULL AS VARCHAR)"
      : `nullif('{' || concat_ws(',', ${parts.join(", ")}) || '}', '{}')`;
  }

  /** Those that the table has. */
  get there(): readonly FieldColumn[] {
    return [...this.#added];
  }
}

export const addColumn = (column: FieldColumn) =>
  `ALTER TABLE events ADD COLUMN ${defined(column)}`;

/** A name and a type, as in a table and in a struct. */
export const defined = ({ column, kind }: FieldColumn) => `${identifier(column)} ${types[kind]}`;

function kindOf(value: unknown): FieldKind | undefined {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "text";
  if (typeof value !== "object" || value === null) return undefined;
  return Array.isArray(value) ? "list" : "map";
}
