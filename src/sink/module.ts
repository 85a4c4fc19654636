import { reason } from "../support/debug.ts";
import { isRecord } from "../support/files.ts";
import type { ModuleSink } from "../support/sinks.ts";
import type { Answer, Sink } from "./sink.ts";

/**
 * A product's own sink: a module whose default export makes one from the options in the batch. It
 * is loaded in the sender, never in the build.
 */
export function moduleSink({ path, options }: ModuleSink): Sink {
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  // Not for a bundler that has this in a product's bundle to resolve.
  const made = import(/* webpackIgnore: true */ pathToFileURL(path).href).then(
    (module: { default: MakeSink }) => module.default(options),
  );
  made.catch(() => {}); // Told by each delivery.
  return {
    async deliver(request, timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Answer>((resolve) => {
        timer = setTimeout(() => resolve({ failure: "ETIMEDOUT" }), timeoutMs);
      });
      try {
        const delivered = made.then((sink) => sink.deliver(request, timeoutMs));
        const answer: unknown = await Promise.race([delivered, late]);
        return isAnswer(answer) ? answer : { failure: "it answered neither status nor failure" };
      } catch (error) {
        return { failure: reason(error) };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function isAnswer(value: unknown): value is Answer {
  return isRecord(value) && (typeof value.status === "number" || typeof value.failure === "string");
}

type MakeSink = (options: unknown) => Sink | Promise<Sink>;
