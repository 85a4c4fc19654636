/** A product's own field may be of several kinds: it was another one in an earlier version. */
export type FieldKind = "boolean" | "number" | "text" | "list" | "map";

export interface FieldColumn {
  /** `toolsCount:number`; `~2` after it where two differ by capitals, which DuckDB takes for one. */
  column: string;
  /** The same as JSON. */
  quoted: string;
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
  readonly #added = new Set<FieldColumn>();

  /** @param columns of the table. */
  constructor(columns: readonly string[]) {
    this.learn(columns);
    this.added(this.missing);
  }

  /** Those that the table is to get. */
  get missing(): FieldColumn[] {
    return [...this.#known.values()].filter((column) => !this.#added.has(column));
  }

  /** Those that the table has. */
  get there(): FieldColumn[] {
    return [...this.#added];
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

  /** Where a value belongs, which is known from then on; undefined for one that is not kept. */
  columnFor(field: string, value: unknown): FieldColumn | undefined {
    const kind = kindOf(value);
    return kind && (this.#byField.get(field)?.[kind] ?? this.#add(field, kind));
  }

  /** Makes known what they have. */
  note(rows: readonly { fields: Record<string, unknown> }[]): void {
    for (const { fields } of rows) {
      for (const field of Object.keys(fields)) this.columnFor(field, fields[field]);
    }
  }

  /** Only one that the table has. */
  find(field: string, kind: FieldKind): FieldColumn | undefined {
    const column = this.#byField.get(field)?.[kind];
    return column && this.#added.has(column) ? column : undefined;
  }

  #add(field: string, kind: FieldKind): FieldColumn {
    const name = `${field}:${kind}`;
    let column = name;
    for (let n = 2; this.#known.has(column.toLowerCase()); n += 1) column = `${name}~${n}`;
    return this.#know({ column, field, kind });
  }

  #know(named: Omit<FieldColumn, "quoted">): FieldColumn {
    const column = { ...named, quoted: JSON.stringify(named.column) };
    this.#known.set(column.column.toLowerCase(), column);
    const kinds = this.#byField.get(column.field);
    this.#byField.set(column.field, { ...kinds, [column.kind]: column });
    return column;
  }
}

function kindOf(value: unknown): FieldKind | undefined {
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "text";
  if (typeof value !== "object" || value === null) return undefined;
  return Array.isArray(value) ? "list" : "map";
}
