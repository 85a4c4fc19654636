import { readFileSync } from "node:fs";
import type { Rolldown } from "tsdown";

/**
 * ci-info's list of vendors as one text, without what tells pull requests: for an engine a text is
 * one token, and parsed in a third of the time that the objects themselves take as code.
 */
export function ciVendors(): Rolldown.Plugin {
  return {
    name: "ci-vendors",
    load(id) {
      if (!/[\\/]ci-info[\\/]vendors\.json$/.test(id)) return null;
      const vendors = JSON.parse(readFileSync(id, "utf8")) as Record<string, unknown>[];
      const json = JSON.stringify(
        vendors.map(({ name, constant, env }) => ({ name, constant, env })),
      );
      return { code: `export default JSON.parse(${JSON.stringify(json)});`, moduleType: "js" };
    },
  };
}
