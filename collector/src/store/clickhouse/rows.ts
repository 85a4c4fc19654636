import { type ColumnValue, columns, valuesOf } from "../../rows/columns.ts";
import type { EventRow } from "../../rows/row.ts";
import type { Flavor } from "./flavor.ts";

/** A row as `JSONEachRow` has it; a value that its column can't take is null. */
export function insertable(row: EventRow, flavor: Flavor): Record<string, ColumnValue> {
  const values = valuesOf(row);
  const object: Record<string, ColumnValue> = {};
  for (const [index, { name, type }] of columns.entries()) {
    const value = values[index] as ColumnValue;
    if (value === null) {
      object[name] = null;
    } else if (type === "hash") {
      object[name] = decimal(value as string);
    } else if (type === "integer") {
      object[name] = Number.isSafeInteger(value) ? value : null;
    } else if (typeof value === "boolean" && flavor === "legacy") {
      object[name] = value ? 1 : 0;
    } else {
      // The engine refuses the whole insert for half of a surrogate pair.
      object[name] = typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value;
    }
  }
  return object;
}

/** 16 hexadecimal digits as the engine reads 64 bits. */
export function decimal(hash: string): string {
  return BigInt(`0x${hash}`).toString();
}
