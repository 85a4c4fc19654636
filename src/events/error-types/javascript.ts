import type { ErrorTypeList } from "./list.ts";

/** The language's own classes. They say little about the step, so whatever wraps them tells it. */
export const javascriptErrors = () =>
  ({
    compile: ["SyntaxError"],
    unknown: [
      "AbortError",
      "AggregateError",
      "AssertionError",
      "EvalError",
      "RangeError",
      "ReferenceError",
      "TimeoutError",
      "TypeError",
      "URIError",
    ],
  }) satisfies ErrorTypeList;
