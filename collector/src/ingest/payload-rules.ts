import type { EventDefinition } from "../../../src/events/define.ts";
import type { Field } from "../../../src/events/fields.ts";
import type { Product } from "../definitions/product.ts";
import type { BuildColumns } from "../rows/row.ts";
import { type Check, checkOf } from "./check.ts";

/** What a product's payloads are held to besides its events' own fields: made once, used for each. */
export interface PayloadRules {
  context: readonly NamedCheck[];
  meta: readonly NamedCheck[];
  id: Check;
  timestamp: Check;
  /** Only where the product has no ids. */
  firstOf: Check | undefined;
  /** For each event the fields that have a column of their own; the others go to `fields`. */
  columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** The field that names the product's version. */
  versionField: string;
}

interface NamedCheck {
  name: string;
  check: Check;
}

const made = new WeakMap<Product, PayloadRules>();

export function rulesOf(product: Product): PayloadRules {
  const known = made.get(product);
  if (known) return known;
  const rules = makeRules(product);
  made.set(product, rules);
  return rules;
}

function makeRules(product: Product): PayloadRules {
  const checks = (fields: Product["context"]): NamedCheck[] =>
    fields.map(({ name, schema }) => ({ name, check: checkOf(schema) }));
  const event = Object.fromEntries(checks(product.event).map(({ name, check }) => [name, check]));
  const events = Object.entries(product.definitions.events);
  const ownVersion = `${product.name}Version`;
  return {
    context: checks(product.context),
    meta: checks(product.meta),
    id: event.id as Check,
    timestamp: event.timestamp as Check,
    firstOf: event.firstOf,
    columns: new Map(events.map(([name, definition]) => [name, columnsOf(definition)])),
    versionField: events.some(([, { fields }]) => fields[ownVersion])
      ? ownVersion
      : "productVersion",
  };
}

/** A product may use a name of the build events for something else; that has no column. */
function columnsOf({ fields }: EventDefinition): ReadonlySet<string> {
  const names = Object.keys(fields).filter(
    (name) => buildKinds[name as keyof BuildColumns] === fields[name]?.kind,
  );
  return new Set(names);
}

const buildKinds: Record<keyof BuildColumns, Field["kind"]> = {
  success: "boolean",
  duration: "milliseconds",
  bundler: "oneOf",
  bundlerVersion: "version",
  mode: "oneOf",
  watch: "boolean",
  nodeVersion: "version",
  productVersion: "version",
  outputSize: "bytes",
  modulesCount: "count",
  errorPhase: "oneOf",
  errorType: "oneOf",
};
