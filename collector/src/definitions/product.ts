import type { Definitions } from "../../../src/events/define.ts";
import type { DescribedField } from "../../../src/events/described.ts";
import { fingerprint } from "../../../src/events/fingerprint.ts";
import { reviveDefinitions } from "../../../src/events/revive.ts";
import { describePayload, type PayloadFacts } from "../../../src/metadata/describe-payload.ts";
import { isRecord } from "../../../src/support/files.ts";
import { SettingsError } from "../config/told-error.ts";

/**
 * A product as a collector knows it: what its builds may send, out of the file that
 * `events --json-schema` has written. One product has several over time, one a fingerprint.
 */
export interface Product {
  name: string;
  /** 32 hexadecimal digits: exactly these definitions. */
  fingerprint: string;
  definitions: Definitions;
  /** `anonymousId`, `projectHash`, `sessionId`. */
  context: readonly DescribedField[];
  /** Where a build ran; the columns of the same names. */
  meta: readonly DescribedField[];
  /** What an event has around its fields: `id`, `timestamp`, `firstOf`. */
  event: readonly DescribedField[];
  metadata: PayloadFacts["metadata"];
  identity: PayloadFacts["identity"];
  policyUrl?: string;
  publisher?: { name: string; contact?: string; host?: string; retentionDays?: number };
}

/**
 * @param schema the parsed file.
 * @param from its name, for messages.
 * @throws SettingsError for a file that isn't one, or that somebody has edited.
 */
export function readProduct(schema: unknown, from: string): Product {
  const facts = factsIn(schema);
  if (!facts) {
    throw new SettingsError(
      `${from} is no schema of a product: write it by \`<product> telemetry events --json-schema\`.`,
    );
  }
  let definitions: Definitions;
  try {
    definitions = reviveDefinitions(facts);
  } catch (error) {
    throw new SettingsError(`${from}: ${(error as Error).message}`);
  }
  const digits = fingerprint(definitions);
  if (!isRecord(schema) || !String(schema.$id).endsWith(digits)) {
    throw new SettingsError(
      `${from} was changed by hand, or by another version of sendoff: write it anew by \`<product> telemetry events --json-schema\`.`,
    );
  }
  const { context, event, meta } = describePayload({ ...facts, definitions });
  return { ...facts, fingerprint: digits, definitions, context, event, meta };
}

interface Facts
  extends Pick<Product, "name" | "metadata" | "identity" | "policyUrl" | "publisher"> {
  rotateDays: number;
}

function factsIn(schema: unknown): Facts | undefined {
  const product = isRecord(schema) && isRecord(schema.$defs) && schema.$defs.Product;
  const facts = isRecord(product) && product.const;
  const isWhole =
    isRecord(facts) &&
    typeof facts.name === "string" &&
    typeof facts.rotateDays === "number" &&
    ["coarse", "full", "none"].includes(facts.metadata as string) &&
    ["installation", "none"].includes(facts.identity as string);
  return isWhole ? (facts as unknown as Facts) : undefined;
}
