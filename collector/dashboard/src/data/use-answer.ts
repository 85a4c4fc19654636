import { useEffect, useState } from "preact/hooks";
import { ask, generation } from "./client.ts";
import { useStore } from "./store.ts";

export interface Loaded<T> {
  /** Undefined until there is a first answer; while the next one loads, the one before. */
  answer: T | undefined;
  isLoading: boolean;
  error: Error | undefined;
}

interface Shared {
  promise: Promise<unknown>;
  controller: AbortController;
  readers: number;
  isDone: boolean;
  at: number;
  generation: number;
}

/** Answers of the last minute: going back to a view asks nothing. */
const freshMs = 60_000;
const shared = new Map<string, Shared>();

/**
 * Asks, and asks anew when the question changes; a question that nobody waits for any more is
 * aborted. Parts that ask the same share one answer. `null` asks nothing.
 */
export function useAnswer<T>(question: string | null): Loaded<T> {
  const round = useStore(generation);
  const [state, setState] = useState<Loaded<T>>({
    answer: undefined,
    isLoading: question !== null,
    error: undefined,
  });
  useEffect(() => {
    if (question === null) {
      setState({ answer: undefined, isLoading: false, error: undefined });
      return;
    }
    let isCurrent = true;
    setState((before) => ({ ...before, isLoading: true, error: undefined }));
    const entry = enter(question, round);
    entry.promise.then(
      (answer) => {
        if (isCurrent) setState({ answer: answer as T, isLoading: false, error: undefined });
      },
      (error: Error) => {
        if (isCurrent) setState((before) => ({ ...before, isLoading: false, error }));
      },
    );
    return () => {
      isCurrent = false;
      entry.readers -= 1;
      if (entry.readers > 0 || entry.isDone) return;
      entry.controller.abort();
      if (shared.get(question) === entry) shared.delete(question);
    };
  }, [question, round]);
  return state;
}

function enter(question: string, round: number): Shared {
  const found = shared.get(question);
  const isFresh = found && found.generation === round && Date.now() - found.at < freshMs;
  if (isFresh) {
    found.readers += 1;
    return found;
  }
  const controller = new AbortController();
  const entry: Shared = {
    promise: ask(question, controller.signal, found !== undefined && found.generation !== round),
    controller,
    readers: 1,
    isDone: false,
    at: Date.now(),
    generation: round,
  };
  shared.set(question, entry);
  entry.promise.then(
    () => {
      entry.isDone = true;
    },
    () => {
      entry.isDone = true;
      if (shared.get(question) === entry) shared.delete(question);
    },
  );
  return entry;
}
