import type { Field } from "../../../src/events/fields.ts";
import type { Product } from "../definitions/product.ts";
import { columns } from "../rows/columns.ts";
import type { Dialect } from "../store/store.ts";
import type { DimensionSummary } from "./api.ts";

/** By what a product's events can be grouped and filtered: nothing but what its definitions list. */
export interface Dimension extends DimensionSummary {
  /** A column of its own, or one of the product's fields. */
  isColumn: boolean;
  /** What a value is compared as. */
  as: "boolean" | "number" | "text";
  /** One key of a map: the map's name is before the dot. */
  within?: { map: string; key: string };
}

/** All definitions of one product, the newest last. */
export function dimensionsOf(products: readonly Product[]): Dimension[] {
  const found = new Map<string, Dimension>();
  const add = (dimension: Dimension) => {
    // A later version of the product knows better.
    found.set(dimension.name, dimension);
  };
  for (const product of products) {
    if (product.metadata !== "none") {
      for (const { name, description, values } of product.meta) {
        const type = columns.find((column) => column.name === name)?.type;
        if (type) {
          add({ name, description, ...metaKind(name, type), ...(values && { values }) });
        }
      }
    }
  }
  for (const product of products) {
    // Of several events that have a field, the first says what it is.
    for (const { fields } of Object.values(product.definitions.events).reverse()) {
      for (const [name, field] of Object.entries(fields)) {
        for (const dimension of fieldDimensions(name, field)) {
          add(dimension);
        }
      }
    }
  }
  const order = products.flatMap(namesIn);
  return [...found.values()].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** As the definitions list them. */
function namesIn({ meta, definitions }: Product): string[] {
  return [
    ...meta.map(({ name }) => name),
    ...Object.values(definitions.events).flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([name, field]) =>
        fieldDimensions(name, field).map((dimension) => dimension.name),
      ),
    ),
  ];
}

function metaKind(name: string, type: string) {
  const unit = { memoryTotal: "MB", cpuSpeed: "MHz" } as const;
  const isVersion = name === "runtimeVersion" || name === "systemRelease";
  const from = "meta" as const;
  if (type === "flag") {
    return { kind: "boolean" as const, as: "boolean" as const, isColumn: true, from };
  }
  if (type === "integer") {
    const its = unit[name as keyof typeof unit];
    return {
      ...{ kind: "number" as const, as: "number" as const, isColumn: true, from },
      ...(its && { unit: its }),
    };
  }
  const kind = isVersion ? ("version" as const) : ("category" as const);
  return { kind, as: "text" as const, isColumn: true, from };
}

/** A field, and of a map each key. A hash is somebody's, so it is none. */
function fieldDimensions(name: string, field: Field): Dimension[] {
  const scalar = scalarOf(field);
  if (scalar) {
    const column = columns.find((each) => each.name === name && each.within === "build");
    const isColumn = column !== undefined && columnTakes[column.type]?.includes(scalar.as) === true;
    return [
      {
        ...{ name, description: field.description, ...scalar, isColumn },
        from: isColumn ? "build" : "fields",
      },
    ];
  }
  const { description } = field;
  const own = { isColumn: false, from: "fields" as const };
  if (field.kind === "listOf") {
    const values = field.item.kind === "oneOf" && { values: withOther(field.item.values) };
    return [{ name, description, kind: "list", as: "text", ...own, ...values }];
  }
  if (field.kind === "mapOf") {
    const value = scalarOf(field.value);
    const keys = field.keys.map((key) => ({
      ...{ name: `${name}.${key}`, description: `${description} Of ${key}.`, ...own },
      within: { map: name, key },
    }));
    return [
      { name, description, kind: "map", as: "text", values: field.keys, ...own },
      ...(value ? keys.map((key): Dimension => ({ ...key, ...value })) : []),
    ];
  }
  return [];
}

const columnTakes: Record<string, readonly string[]> = {
  flag: ["boolean"],
  integer: ["number"],
  word: ["text"],
};

function scalarOf(field: Field): Pick<Dimension, "kind" | "as" | "unit" | "values"> | undefined {
  switch (field.kind) {
    case "boolean":
      return { kind: "boolean", as: "boolean" };
    case "count":
      return { kind: "number", as: "number" };
    case "bucket":
      return { kind: "number", as: "number", values: field.edges };
    case "milliseconds":
      return { kind: "number", as: "number", unit: "ms" };
    case "bytes":
      return { kind: "number", as: "number", unit: "bytes" };
    case "oneOf":
      return { kind: "category", as: "text", values: withOther(field.values) };
    case "version":
      return { kind: "version", as: "text" };
    case "token":
      return { kind: "category", as: "text" };
    default:
      return undefined;
  }
}

/** What is not on the list is counted as `other`. */
function withOther(values: readonly string[]): readonly string[] {
  return values.includes("other") ? values : [...values, "other"];
}

/** Lists and maps: an event can have several of their values. */
export function isManyValued({ kind }: Dimension): boolean {
  return kind === "list" || kind === "map";
}

/** What the client reads. */
export function summaryOf(dimension: Dimension): DimensionSummary {
  const { name, description, kind, unit, values, from } = dimension;
  return { name, description, kind, ...(unit && { unit }), ...(values && { values }), from };
}

/** A row's value; of a list or map it makes a row of each entry. */
export function expressionOf(dimension: Dimension, dialect: Dialect): string {
  const { name, kind, isColumn, as, within } = dimension;
  if (isColumn) {
    return `"${name}"`;
  }
  if (within) {
    return dialect.field(within.map, as, within.key);
  }
  if (kind === "list") {
    return dialect.items(name);
  }
  return kind === "map" ? dialect.keys(name) : dialect.field(name, as);
}
