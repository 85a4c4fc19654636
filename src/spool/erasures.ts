import path from "node:path";
import { makeFolder, namesIn, readJson, removeIfThere, replaceFile } from "../support/files.ts";
import { hash128 } from "../support/hash.ts";
import { erasureMaxAgeMs } from "../support/limits.ts";
import { type SinkOptions, sinkKey, sinkProblem } from "../support/sinks.ts";

/**
 * Erasures that somebody asked for and a sink has not confirmed yet: one small file each, so that
 * a command and a sender can both be at it. They are the one place where an id outlives `erase`,
 * since without it nobody could be asked again.
 */
export interface Erasure {
  sink: SinkOptions;
  /** 64 hexadecimal digits. */
  anonymousId: string;
  /** Milliseconds since 1970. */
  askedAt: number;
}

/** @throws where it can't be written: then nothing may be forgotten either. */
export function rememberErasure(folder: string, erasure: Erasure): void {
  makeFolder(folder);
  replaceFile(fileOf(folder, erasure), JSON.stringify(erasure));
}

export function forgetErasure(folder: string, erasure: Erasure): void {
  removeIfThere(fileOf(folder, erasure));
}

/** What is not confirmed yet. One that nobody has confirmed in 90 days is given up. */
export function listErasures(folder: string, now: number): Erasure[] {
  const erasures = filesIn(folder).flatMap((name) => readErasure(path.join(folder, name)) ?? []);
  for (const old of erasures.filter((erasure) => isOver(erasure, now))) forgetErasure(folder, old);
  return erasures.filter((erasure) => !isOver(erasure, now));
}

function isOver({ askedAt }: Erasure, now: number): boolean {
  return Math.abs(now - askedAt) > erasureMaxAgeMs;
}

function readErasure(file: string): Erasure | undefined {
  const { sink, anonymousId, askedAt } = readJson<Erasure>(file) ?? {};
  const isId = typeof anonymousId === "string" && /^[0-9a-f]{64}$/.test(anonymousId);
  if (!sink || sinkProblem(sink) || !isId || typeof askedAt !== "number") return undefined;
  return { sink, anonymousId, askedAt };
}

function filesIn(folder: string): string[] {
  return namesIn(folder).filter((name) => name.endsWith(".json"));
}

/** Of the id only a hash shows in the name. */
function fileOf(folder: string, { sink, anonymousId }: Erasure): string {
  return path.join(folder, `${sinkKey(sink)}-${hash128(anonymousId).slice(0, 16)}.json`);
}
