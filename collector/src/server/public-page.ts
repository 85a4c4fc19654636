import { groupFields } from "../../../src/events/described.ts";
import type { Product } from "../definitions/product.ts";
import type { Products } from "../definitions/products.ts";

export interface PublicPageFacts {
  products: Products;
  retentionDays: number;
  /** Stores that events are forwarded to for good: `posthog:eu.posthog.com`. */
  forwardsTo: readonly string[];
}

/** `GET /`: who collects what, for how long, and how to turn it off; plain text, for anybody. */
export function publicPage({ products, retentionDays, forwardsTo }: PublicPageFacts): string {
  const newest = new Map(products.current.map((product) => [product.name, product]));
  return [
    "This is a collector of anonymous build telemetry (sendoff).",
    ...[...newest.values()].map(productPart),
    [
      "What is kept",
      "",
      `Events are deleted after ${retentionDays} days; what stays are counts per day. Addresses, user`,
      "agents and headers are not stored. Ids are kept as a part of their SHA-256.",
      "A request to erase what an id has sent (`erase`, on its machine) is carried out at once; the",
      "bytes are gone from every file within 24 hours.",
      ...forwardsTo.map(
        (name) => `Events are also forwarded to ${name}, from where they can't be recalled.`,
      ),
    ].join("\n"),
  ].join("\n\n\n");
}

function productPart(product: Product): string {
  const { name, publisher, policyUrl, definitions } = product;
  const variable = `${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_TELEMETRY_DISABLED=1`;
  const said = [publisher?.name, publisher?.contact, publisher?.host].filter(Boolean).join(", ");
  const events = Object.entries(definitions.events).map(
    ([eventName, { description }]) => `  ${eventName}: ${description}`,
  );
  const fields = groupFields(definitions).flatMap((group) =>
    group.fields.map((field) => `  ${field.name}: ${field.description}`),
  );
  const meta = product.meta.map((field) => `  ${field.name}: ${field.description}`);
  return [
    name,
    "",
    `Collected by ${said || "the people who make it"}.${policyUrl ? ` ${policyUrl}` : ""}`,
    "",
    "Events",
    ...events,
    "",
    "Their fields",
    ...new Set(fields),
    "",
    "Of the machine",
    ...meta,
    "",
    "Turning it off, by any one of these",
    `  npx sendoff disable --name ${name}`,
    `  ${variable}`,
    "  DO_NOT_TRACK=1",
  ].join("\n");
}
