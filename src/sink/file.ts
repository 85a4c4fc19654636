import { appendFileSync } from "node:fs";
import type { FileSink } from "../support/sinks.ts";
import type { Sink } from "./sink.ts";

/** Appends each payload as one line: for air-gapped machines and for a look at what would go. */
export function fileSink({ path }: FileSink): Sink {
  return {
    async deliver({ body }) {
      try {
        appendFileSync(path, `${body}\n`);
        return { status: 200 };
      } catch (error) {
        return { failure: (error as NodeJS.ErrnoException).code ?? "ERROR" };
      }
    },
  };
}
