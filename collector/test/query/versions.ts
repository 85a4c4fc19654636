import type { EventRow } from "../../src/rows/row.ts";
import { exampleHash, exampleRow } from "../example-rows.ts";

const dayMs = 86_400_000;

/** By the day each came out. */
export const versions: Record<string, number> = {
  "1.8.0": 0,
  "1.9.0": 8,
  "1.10.0": 16,
  "1.9.1": 24,
};

/** Seven weeks of four versions, each of which broke something. */
export function historyOfVersions({
  first,
  product,
}: {
  first: number;
  product: string;
}): EventRow[] {
  const rows: EventRow[] = [];
  const add = (day: number, who: number, build: Partial<EventRow["build"]>, place = "") => {
    const isFailure = build.errorType !== undefined;
    rows.push(
      exampleRow(900_000 + rows.length, {
        product,
        timestamp: first + day * dayMs + (rows.length % 80_000) * 1000,
        eventName: isFailure ? "build:failed" : "build:completed",
        anonymousId: place === "ci" ? null : exampleHash(`somebody ${who}`),
        place: place === "ci" ? "ci" : "installation",
        fields: {},
        build: { success: !isFailure, errorPhase: null, errorType: null, ...build },
      }),
    );
  };
  for (const [productVersion, out] of Object.entries(versions)) {
    for (let at = 0; at < 400; at += 1) {
      add(out + (at % 24), at % 60, { productVersion, bundler: at % 3 === 0 ? "vite" : "webpack" });
    }
    const fail = (errorPhase: string, errorType: string, count: number, people: number) => {
      for (let at = 0; at < count; at += 1) {
        add(out + (at % 24), at % people, { productVersion, errorPhase, errorType });
      }
    };
    fail("compile", "TS2307", 480, 41);
    // What is small hides what is smaller.
    fail("compile", "UnknownError", 14, 12);
    fail("compile", "EvalError", 16, 14);
    if (productVersion !== "1.8.0") fail("config", "TypeError", 70, 30);
    if (productVersion === "1.10.0") fail("compile", "SyntaxError", 95, 25);
    if (productVersion === "1.10.0") fail("compile", "RangeError", 8, 4);
    if (productVersion === "1.10.0") fail("config", "SyntaxError", 110, 35);
    if (productVersion === "1.9.1") fail("compile", "TypeError", 90, 22);
  }
  // Somebody's CI had it in the first version, once: it isn't new later.
  const productVersion = "1.8.0";
  add(2, 0, { productVersion, errorPhase: "config", errorType: "SyntaxError" }, "ci");
  return rows;
}
