import { AsyncLocalStorage } from "node:async_hooks";
import childProcess from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import fs, { type Stats } from "node:fs";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import path from "node:path";
import { senderTaskVariable } from "../../src/support/env.ts";
import { senderLifeMs } from "../../src/support/limits.ts";

/**
 * Runs builds and senders in every order in which their steps can interleave. They are the real
 * functions in this process, on real files; a step is one call of theirs to the file system, to
 * `spawn` or to the network. What they read from clocks and timers is the explorer's.
 *
 * Code that doesn't await can't be paused. So it is run again from its start for each step: it
 * gets the answers it got before, then its next call is carried out, and the one after that throws,
 * as do all that follow; whatever the code makes of that is thrown away. The files are put back to
 * how they were before each step. Orders that lead to the same files, and to processes that have
 * seen the same, are followed once from there.
 */
export interface Scenario {
  /** What lies below the root at the beginning: name and content. */
  files?: Record<string, string>;
  /** What runs; builds begin in this order. */
  builds: readonly Main[];
  /** Senders that nobody has to start. */
  senders?: readonly Main[];
  /** What a build's `spawn` becomes, given the task it hands over. */
  sender(task: string): void | Promise<void>;
  /** Calls that are steps of their own, such as `rename a/b to a/c`, `spawn` or `post`. */
  isStep(call: string): boolean;
  /**
   * What a call that went well adds to the facts, if anything. Orders that differ in nothing but
   * what is over by then meet only if their facts are the same.
   */
  fact?(call: Call): string | undefined;
  /** How many processes may be killed. */
  kills?: number;
  /** One of these may come in between: milliseconds that pass while nothing runs. */
  pauses?: readonly number[];
  /** One of these may come in between: milliseconds by which somebody moves the clock. */
  clockMoves?: readonly number[];
  /** Called where nothing can happen any more. @throws if that is not how it should end. */
  check(end: End): void | Promise<void>;
}

export type Main = () => void | Promise<void>;

export interface Call {
  process: string;
  call: string;
  /** Milliseconds since 1970. */
  now: number;
  facts: ReadonlySet<string>;
}

export interface End {
  /** The files below the root. */
  files: ReadonlyMap<string, string>;
  /** What the endpoint got, in order. */
  posted: readonly string[];
  facts: ReadonlySet<string>;
  /** Whether a process was killed, or a sender ran out of time. */
  isKilled: boolean;
  /** Whether everything paused, or the clock was moved. */
  isDisturbed: boolean;
  /** What becomes of it when this runs, so much later, with the senders it starts, undisturbed. */
  next(build: Main, afterMs: number): Promise<End>;
}

export interface Explored {
  /** Orders of steps from beginning to end, those that share an end counted apart. */
  schedules: number;
  /** Different ends. */
  ends: number;
  states: number;
  /** The most senders that were started in one order. */
  senders: number;
}

interface State {
  files: ReadonlyMap<string, File>;
  /** Who is about to write what it has created. */
  writers: ReadonlyMap<string, string>;
  posted: readonly string[];
  /** What the clock shows: milliseconds since 1970. It stands still but for pauses and moves. */
  clock: number;
  /** Milliseconds that everything has paused. */
  paused: number;
  processes: readonly Process[];
  killsLeft: number;
  isKilled: boolean;
  isDisturbed: boolean;
  facts: ReadonlySet<string>;
}

interface File {
  text: string;
  mtimeMs: number;
}

interface Process {
  name: string;
  main: Main;
  isSender: boolean;
  /** What it has got from the system so far. */
  log: readonly Entry[];
  /** Of the log. */
  digest: string;
  /** `ready` to take `next`; `waiting` for its earliest timer. */
  is: "ready" | "waiting" | "over";
  next: string;
  dueAt: number;
  /** Milliseconds that it has waited for timers; each process has its own, so that orders meet. */
  waited: number;
}

type Entry = { call: string; value?: unknown; error?: unknown };

/** One execution of a process, up to the end of one step. */
interface Run {
  process: Process;
  replayed: number;
  log: Entry[];
  stepsLeft: number;
  isPaused: boolean;
  isOver: boolean;
  isOutOfTime: boolean;
  next: string;
  timers: Map<number, Timer>;
  timersMade: number;
  waited: number;
  random: () => number;
  problem: Error | undefined;
}

interface Timer {
  dueAt: number;
  fire(): void;
}

interface Action {
  name: string;
  isMishap: boolean;
  take(): Promise<State>;
}

/** Timers are late, on a machine with something to do: two looks of a lingering sender make a second. */
const latenessMs = 800;
/** When every order begins, by the clock: milliseconds since 1970. */
export const epoch = 1_700_000_000_000;

const current = new AsyncLocalStorage<Run>();
const realImmediate = setImmediate;

/** Ends what a process does beyond its step. One for all: the trace of a stack takes long. */
const paused = new Error("paused");

export class Explorer {
  readonly #root: string;
  readonly #scenario: Scenario;
  readonly #explored = new Map<string, number>();
  readonly #path: string[] = [];
  /** What lies on the disk now. */
  #onDisk: ReadonlyMap<string, File> = new Map();
  /** The state that a step is making. */
  #making!: State;
  #isTouched = false;
  #ends = 0;
  #senders = 0;

  /** @param root a folder with all the folders that it will have. */
  constructor(root: string, scenario: Scenario) {
    this.#root = root;
    this.#scenario = scenario;
  }

  /** Follows every order. @throws with the first that `check` didn't like. */
  async explore(): Promise<Explored> {
    const restore = this.#replaceSystem();
    try {
      const schedules = await this.#follow(this.#beginning());
      return { schedules, states: this.#explored.size, ends: this.#ends, senders: this.#senders };
    } finally {
      restore();
    }
  }

  /** Follows so many orders that chance chooses, where there are too many to follow each. */
  async walk(schedules: number, random: () => number): Promise<Explored> {
    const restore = this.#replaceSystem();
    const states = new Set<string>();
    try {
      for (let i = 0; i < schedules; i++) {
        let state = this.#beginning();
        this.#path.length = 0;
        for (let action = this.#any(state, random); action; action = this.#any(state, random)) {
          this.#path.push(action.name);
          state = await action.take();
          states.add(keyOf(state));
        }
        await this.#checkEnd(state);
      }
      return { schedules, states: states.size, ends: this.#ends, senders: this.#senders };
    } finally {
      restore();
    }
  }

  /** Mishaps one time in twenty, so that they come at any time. */
  #any(state: State, random: () => number): Action | undefined {
    const actions = this.#actions(state);
    const mishaps = actions.filter(({ isMishap }) => isMishap);
    const steps = actions.filter(({ isMishap }) => !isMishap);
    const among = mishaps.length > 0 && random() < 0.05 ? mishaps : steps;
    return among[Math.floor(random() * among.length)];
  }

  #beginning(): State {
    this.#onDisk = this.#readDisk();
    const given = Object.entries(this.#scenario.files ?? {});
    const state: State = {
      files: new Map(given.map(([name, text]) => [name, { text, mtimeMs: epoch - 60_000 }])),
      writers: new Map(),
      posted: [],
      clock: epoch,
      paused: 0,
      processes: [],
      killsLeft: this.#scenario.kills ?? 0,
      isKilled: false,
      isDisturbed: false,
      facts: new Set(),
    };
    const { builds, senders = [] } = this.#scenario;
    state.processes = [
      ...builds.map((main, i) => newProcess(`build ${i + 1}`, main, false)),
      ...senders.map((main, i) => newProcess(`sender ${i + 1}`, mortal(main), true)),
    ];
    return state;
  }

  /** The number of orders from here to an end. */
  async #follow(state: State): Promise<number> {
    const key = keyOf(state);
    const known = this.#explored.get(key);
    if (known !== undefined) return known;
    const actions = this.#actions(state);
    let schedules = 0;
    if (!state.processes.some(({ is }) => is !== "over")) {
      await this.#checkEnd(state);
      schedules = 1;
    }
    for (const action of actions) {
      this.#path.push(action.name);
      schedules += await this.#follow(await action.take());
      this.#path.pop();
    }
    this.#explored.set(key, schedules);
    return schedules;
  }

  #actions(state: State): Action[] {
    const alive = state.processes.filter(({ is }) => is !== "over");
    if (alive.length === 0) return [];
    // Builds are alike: they begin in their order.
    const [first, ...later] = alive.filter(({ next, isSender }) => next === "start" && !isSender);
    const begun = alive.filter((one) => one !== first && !later.includes(one));
    const steps = [...begun, ...(first ? [first] : [])].map((one) => ({
      name: `${one.name}: ${one.next}`,
      isMishap: false,
      take: () => this.#step(state, one),
    }));
    const mishaps = [...this.#kills(state, begun), ...this.#shifts(state)];
    return [
      ...steps,
      ...mishaps.map(([name, next]) => ({ name, isMishap: true, take: async () => next })),
    ];
  }

  #kills(state: State, begun: readonly Process[]): [string, State][] {
    if (state.killsLeft === 0) return [];
    const killsLeft = state.killsLeft - 1;
    return begun.map((one) => {
      const killed = replaced(state, one, { ...one, is: "over" });
      return [`${one.name} is killed`, { ...killed, killsLeft, isKilled: true }];
    });
  }

  #shifts(state: State): [string, State][] {
    if (state.isDisturbed) return [];
    const { pauses = [], clockMoves = [] } = this.#scenario;
    return [
      ...pauses.map((ms): [string, State] => [`all pause for ${ms} ms`, later(state, ms)]),
      ...clockMoves.map((ms): [string, State] => {
        return [`the clock is moved by ${ms} ms`, { ...state, clock: state.clock + ms }];
      }),
    ].map(([name, next]) => [name, { ...next, isDisturbed: true }]);
  }

  async #checkEnd(state: State): Promise<void> {
    this.#ends += 1;
    const end = this.#endOf(state);
    const senders = state.processes.filter(({ isSender }) => isSender).length;
    this.#senders = Math.max(this.#senders, senders);
    try {
      await this.#scenario.check(end);
    } catch (error) {
      const told = [...this.#path].join("\n  ");
      const files = [...end.files.keys()].join("\n  ");
      throw new Error(`${(error as Error).message}\nafter\n  ${told}\nleaves\n  ${files}`);
    }
  }

  #endOf(state: State): End {
    return {
      files: new Map([...state.files].map(([name, { text }]) => [name, text])),
      posted: state.posted,
      isKilled: state.isKilled,
      isDisturbed: state.isDisturbed,
      facts: state.facts,
      next: async (build, afterMs) => {
        const next = newProcess("next build", build, false);
        const processes = [...state.processes, next];
        return this.#endOf(await this.#runOn({ ...later(state, afterMs), processes }));
      },
    };
  }

  /** All that still runs, one after the other, whole. */
  async #runOn(from: State): Promise<State> {
    let state = from;
    for (;;) {
      const one = state.processes.find(({ is }) => is !== "over");
      if (!one) return state;
      state = await this.#step(state, one, Number.POSITIVE_INFINITY);
    }
  }

  async #step(state: State, process: Process, steps = 1): Promise<State> {
    this.#restore(state.files);
    this.#isTouched = false;
    this.#making = state;
    const run: Run = {
      process,
      replayed: 0,
      log: [],
      stepsLeft: steps,
      isPaused: false,
      isOver: false,
      isOutOfTime: false,
      next: "",
      timers: new Map(),
      timersMade: 0,
      waited: process.waited,
      random: randomOf(process.name),
      problem: undefined,
    };
    const isWaiting = process.is === "waiting";
    await current.run(run, () => this.#execute(run, isWaiting, steps));
    if (run.problem) throw run.problem;
    if (this.#isTouched) this.#onDisk = this.#readDisk();
    if (run.isOutOfTime) this.#making = { ...this.#making, isKilled: true };

    const log = [...process.log, ...run.log];
    const dueAt = Math.min(...[...run.timers.values()].map((timer) => timer.dueAt));
    // A process that waits for nothing is over.
    const is =
      run.isOver || (!run.isPaused && dueAt === Infinity)
        ? "over"
        : run.isPaused
          ? "ready"
          : "waiting";
    const digest = digestOf(process.digest, run.log);
    const next = is === "waiting" ? "timer" : run.next;
    const after: Process = { ...process, log, digest, is, next, dueAt, waited: run.waited };
    return replaced({ ...this.#making, files: this.#onDisk }, process, after);
  }

  async #execute(run: Run, isWaiting: boolean, steps: number): Promise<void> {
    const { process } = run;
    try {
      this.#call("start", () => undefined);
      void Promise.resolve(process.main()).then(
        () => {
          run.isOver ||= !run.isPaused;
        },
        (error) => this.#end(run, error),
      );
    } catch (error) {
      this.#end(run, error);
    }
    await quiet();
    let mayFire = isWaiting || steps > 1;
    while (!run.isPaused && !run.isOver && !run.problem) {
      const entry = process.log[run.replayed];
      const isReplay = entry !== undefined;
      if (!isReplay && !mayFire) return;
      if (!isReplay) mayFire = steps > 1;
      const [id, timer] = isReplay
        ? [entry.value as number, run.timers.get(entry.value as number)]
        : earliestOf(run.timers);
      if (!timer) {
        if (isReplay) run.problem = new Error(`${process.name} did not repeat ${entry.call}`);
        return;
      }
      if (isReplay) run.replayed += 1;
      else {
        const { paused } = this.#making;
        run.waited = Math.max(run.waited, timer.dueAt + latenessMs - paused);
        run.log.push({ call: "timer", value: id });
        if (isWaiting) run.stepsLeft = steps > 1 ? steps : 0;
      }
      run.timers.delete(id);
      try {
        timer.fire();
      } catch (error) {
        this.#end(run, error);
      }
      await quiet();
    }
  }

  #end(run: Run, error: unknown): void {
    if (run.isPaused) return;
    run.isOver = true;
    run.problem ??= error as Error;
  }

  /** A call to the system: from the log, or carried out and logged. */
  #call<T>(call: string, act: () => T): T {
    const run = current.getStore() as Run;
    if (this.#isStopped()) throw paused;
    const logged = run.process.log[run.replayed];
    if (logged) {
      if (logged.call !== call) {
        run.problem = new Error(`${run.process.name}: ${logged.call} became ${call}`);
        run.isOver = true;
        throw paused;
      }
      run.replayed += 1;
      if (logged.error) throw logged.error;
      return logged.value as T;
    }
    if (call !== "start" && this.#scenario.isStep(call)) {
      if (run.stepsLeft === 0) {
        run.isPaused = true;
        run.next = call;
        throw paused;
      }
      run.stepsLeft -= 1;
    }
    try {
      const value = act();
      run.log.push({ call, value });
      this.#noteFact(run.process.name, call);
      return value;
    } catch (error) {
      run.log.push({ call, error });
      throw error;
    }
  }

  #noteFact(process: string, call: string): void {
    const { clock: now, facts } = this.#making;
    const fact = this.#scenario.fact?.({ process, call, now, facts });
    if (fact === undefined || facts.has(fact)) return;
    this.#making = { ...this.#making, facts: new Set([...facts, fact]) };
  }

  // --- the system as the processes find it -----------------------------------------------------

  /** Returns how to put it back. */
  #replaceSystem(): () => void {
    const undo: (() => void)[] = [];
    const replace = <T extends object, K extends keyof T>(
      object: T,
      name: K,
      make: (real: T[K]) => unknown,
    ) => {
      const real = object[name];
      object[name] = make(real) as T[K];
      undo.push(() => {
        object[name] = real;
      });
    };
    for (const name of fileCalls) {
      replace(fs, name, (real) => (...args: unknown[]) => {
        if (!current.getStore() || !this.#isInside(args[0])) return apply(real, args);
        // Node's own functions call each other by the same names.
        return this.#fileCall(name, (given) => current.exit(() => apply(real, given)), args);
      });
    }
    replace(http, "request", (real) => (...args: unknown[]) => {
      return current.getStore() ? this.#request() : apply(real, args);
    });
    replace(childProcess, "spawn", (real) => (...args: unknown[]) => {
      return current.getStore() ? this.#spawn(args[2] as SpawnOptions) : apply(real, args);
    });
    // Takes a millisecond, each time anew. No two processes find the same, as on a real machine.
    const cores = os.cpus();
    replace(os, "cpus", () => () => {
      const speed = Number(current.getStore()?.process.name.at(-1)) || 0;
      return cores.map((core) => ({ ...core, speed }));
    });
    replace(Math, "random", (real) => () => (current.getStore()?.random ?? real)());
    replace(Date, "now", (real) => () => (current.getStore() ? this.#now() : real()));
    replace(process, "uptime", (real) => () => {
      return current.getStore() ? this.#uptime() / 1000 : real.call(process);
    });
    const RealDate = globalThis.Date;
    replace(globalThis, "Date", () => {
      return class extends RealDate {
        constructor(...args: []) {
          if (args.length === 0) super(RealDate.now());
          else super(...args);
        }
      };
    });
    replace(
      globalThis,
      "setTimeout",
      (real) =>
        (fire: () => void, ms?: number, ...rest: unknown[]) => {
          const run = current.getStore();
          return run ? this.#setTimer(run, fire, ms) : apply(real, [fire, ms, ...rest]);
        },
    );
    replace(globalThis, "clearTimeout", (real) => (timer: TimerHandle | undefined) => {
      const run = current.getStore();
      if (!run) apply(real, [timer]);
      else if (timer) run.timers.delete(timer.id);
    });
    syncBuiltinESMExports();
    return () => {
      for (const step of undo.reverse()) step();
      syncBuiltinESMExports();
    };
  }

  /** Libraries don't expect these to throw. */
  #now(): number {
    return this.#isStopped() ? 0 : this.#call("now", () => this.#making.clock);
  }

  #uptime(): number {
    const { waited } = current.getStore() as Run;
    return this.#isStopped() ? 0 : this.#call("uptime", () => this.#making.paused + waited);
  }

  #isStopped(): boolean {
    const { isPaused, isOver } = current.getStore() as Run;
    return isPaused || isOver;
  }

  #setTimer(run: Run, fire: () => void, ms = 0): TimerHandle {
    const id = run.timersMade++;
    const handle = { id, unref: () => handle, ref: () => handle };
    if (this.#isStopped()) return handle;
    run.timers.set(id, { dueAt: this.#uptime() + ms, fire });
    return handle;
  }

  #isInside(file: unknown): boolean {
    return typeof file === "string" && file.startsWith(this.#root);
  }

  #fileCall(name: FileCall, real: (args: unknown[]) => unknown, args: unknown[]): unknown {
    const file = this.#relative(args[0] as string);
    const call = `${name.replace("Sync", "")} ${file}`;
    const change = <T>(act: () => T) => {
      this.#isTouched = true;
      return act();
    };
    switch (name) {
      case "lstatSync":
      case "statSync":
        return this.#call(call, () => steadyStats(real(args) as Stats | undefined));
      case "accessSync":
      case "existsSync":
      case "mkdirSync":
      case "readdirSync":
      case "readFileSync":
        return this.#call(call, () => real(args));
      case "renameSync": {
        const target = this.#relative(args[1] as string);
        return this.#call(`${call} to ${target}`, () => {
          change(() => real(args));
          for (const moved of [file, target]) this.#noteWriter(moved, undefined);
        });
      }
      case "writeFileSync": {
        // Two calls of the system: others can find the file empty, and so can a kill leave it.
        const [whole, text, options] = args as [string, string, object];
        const { process } = current.getStore() as Run;
        this.#call(`create ${file}`, () => {
          change(() => this.#write(real, [whole, "", options]));
          this.#noteWriter(file, process.name);
        });
        return this.#call(`write ${file}`, () => {
          // Moved or replaced meanwhile: the text goes to a file that has no name any more.
          if (this.#making.writers.get(file) !== process.name) return;
          change(() => this.#write(real, [whole, text, { ...options, flag: "r+" }]));
          this.#noteWriter(file, undefined);
        });
      }
      case "unlinkSync":
        return this.#call(call, () => {
          change(() => real(args));
          this.#noteWriter(file, undefined);
        });
      case "utimesSync":
        return this.#call(call, () => change(() => real(args)));
      default:
        return this.#end(current.getStore() as Run, new Error(`the explorer knows no ${name}`));
    }
  }

  #write(real: (args: unknown[]) => unknown, args: [string, string, object]): unknown {
    const result = real(args);
    const seconds = this.#making.clock / 1000;
    realFiles.utimesSync(args[0], seconds, seconds);
    return result;
  }

  #noteWriter(file: string, process: string | undefined): void {
    const writers = new Map(this.#making.writers);
    if (process === undefined) writers.delete(file);
    else writers.set(file, process);
    this.#making = { ...this.#making, writers };
  }

  #spawn({ env }: SpawnOptions): object {
    this.#call("spawn", () => {
      const { processes } = this.#making;
      const number = processes.filter(({ isSender }) => isSender).length + 1;
      const { sender } = this.#scenario;
      const main = mortal(() => sender(env[senderTaskVariable] as string));
      const started = newProcess(`sender ${number}`, main, true);
      this.#making = { ...this.#making, processes: [...processes, started] };
    });
    const child = { pid: 1, on: () => child, unref: () => child };
    return child;
  }

  /** A connection that takes a moment, in which timers can fire. */
  #request(): object {
    const request = Object.assign(new EventEmitter(), {
      destroy() {},
      end: (body: string) => {
        const { batchId } = JSON.parse(body) as { batchId: string };
        this.#call(`request ${batchId}`, () => undefined);
        setTimeout(() => {
          this.#call("post", () => {
            this.#making = { ...this.#making, posted: [...this.#making.posted, body] };
          });
          const response = Object.assign(new EventEmitter(), {
            statusCode: 202,
            headers: {},
            destroy() {},
          });
          request.emit("response", response);
          response.emit("close");
        }, 100);
      },
    });
    return request;
  }

  // --- the files -------------------------------------------------------------------------------

  #relative(file: string): string {
    return file.slice(this.#root.length + 1);
  }

  #readDisk(): ReadonlyMap<string, File> {
    const files = new Map<string, File>();
    const visit = (folder: string) => {
      for (const entry of realFiles.readdirSync(folder, { withFileTypes: true })) {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) visit(file);
        else {
          const { mtimeMs } = realFiles.statSync(file);
          files.set(this.#relative(file), { text: realFiles.readFileSync(file, "utf8"), mtimeMs });
        }
      }
    };
    visit(this.#root);
    return files;
  }

  #restore(files: ReadonlyMap<string, File>): void {
    if (files === this.#onDisk) return;
    for (const name of this.#onDisk.keys()) {
      if (!files.has(name)) realFiles.unlinkSync(path.join(this.#root, name));
    }
    for (const [name, { text, mtimeMs }] of files) {
      const there = this.#onDisk.get(name);
      if (there?.text === text && there.mtimeMs === mtimeMs) continue;
      const file = path.join(this.#root, name);
      realFiles.writeFileSync(file, text);
      realFiles.utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    }
    this.#onDisk = files;
  }
}

const realFiles = { ...fs };
const fileCalls = (Object.keys(fs) as (keyof typeof fs)[]).filter(
  (name): name is FileCall => name.endsWith("Sync") && typeof fs[name] === "function",
);
type FileCall = Extract<keyof typeof fs, `${string}Sync`>;

interface SpawnOptions {
  env: Record<string, string>;
}

interface TimerHandle {
  id: number;
}

function apply(real: unknown, args: unknown[]): unknown {
  return (real as (...given: unknown[]) => unknown)(...args);
}

/** Ends after 12 seconds, as the sender's own main does. */
function mortal(main: Main): Main {
  return () => {
    setTimeout(() => {
      const run = current.getStore() as Run;
      run.isOver = true;
      run.isOutOfTime = true;
    }, senderLifeMs);
    return main();
  };
}

function newProcess(name: string, main: Process["main"], isSender: boolean): Process {
  return {
    name,
    main,
    isSender,
    log: [],
    digest: "",
    is: "ready",
    next: "start",
    dueAt: 0,
    waited: 0,
  };
}

function replaced(state: State, before: Process, after: Process): State {
  return { ...state, processes: state.processes.map((one) => (one === before ? after : one)) };
}

function later(state: State, ms: number): State {
  return { ...state, clock: state.clock + ms, paused: state.paused + ms };
}

function earliestOf(timers: Map<number, Timer>): [number, Timer | undefined] {
  let earliest: [number, Timer | undefined] = [-1, undefined];
  for (const [id, timer] of timers) {
    if (!earliest[1] || timer.dueAt < earliest[1].dueAt) earliest = [id, timer];
  }
  return earliest;
}

/** Less what differs from one run to the next. */
function steadyStats(stats: Stats | undefined): Stats | undefined {
  if (!stats) return undefined;
  const mtimeMs = stats.isDirectory() ? 0 : stats.mtimeMs;
  const same = { atimeMs: mtimeMs, mtimeMs, ctimeMs: mtimeMs, birthtimeMs: mtimeMs };
  const date = new Date(mtimeMs);
  const dates = { atime: date, mtime: date, ctime: date, birthtime: date };
  return Object.assign(stats, same, dates, { dev: 0, ino: 0, nlink: 1, blocks: 0 });
}

/** Until every promise that can go on has gone on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve));
}

function randomOf(name: string): () => number {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Which states are the same: the same files, and processes that have seen the same. */
function keyOf(state: State): string {
  const {
    files,
    writers,
    posted,
    clock,
    paused,
    processes,
    killsLeft,
    isKilled,
    isDisturbed,
    facts,
  } = state;
  const alive = processes.map(({ is, digest, dueAt }) =>
    is === "over" ? is : [is, digest, dueAt],
  );
  const what = [
    [...files].sort(),
    [...writers].sort(),
    posted,
    clock,
    paused,
    alive,
    killsLeft,
    isKilled,
    isDisturbed,
    [...facts].sort(),
  ];
  return createHash("sha1").update(JSON.stringify(what)).digest("base64");
}

function digestOf(before: string, entries: readonly Entry[]): string {
  if (entries.length === 0) return before;
  const seen = entries.map(({ call, value, error }) => [call, value, String(error)]);
  return createHash("sha1").update(before).update(JSON.stringify(seen)).digest("base64");
}
