import type { State } from "../consent/decide.ts";
import { identityOf, renewed } from "../consent/identity.ts";
import { readAllPreferences } from "../consent/look.ts";
import { accept } from "../events/accept.ts";
import type { EventOf, EventSet, FieldsOf } from "../events/define.ts";
import { aborted } from "../events/error-list.ts";
import { plainFields } from "../events/plain-fields.ts";
import { type ValidEvent, validateEvent } from "../events/validate.ts";
import { claimFirsts } from "../spool/firsts.ts";
import { reason } from "../support/debug.ts";
import { senderTaskVariable } from "../support/env.ts";
import { isRecord, makeFolder } from "../support/files.ts";
import { hash128 } from "../support/hash.ts";
import { newUuid } from "../support/ids.ts";
import { queueMaxEvents, settleWhileAliveMs } from "../support/limits.ts";
import { readableEnv } from "../support/permissions.ts";
import type { ConsentPrompt } from "./ask.ts";
import { doorKey, type TrackerDoor } from "./door.ts";
import { senderCommand } from "./find-sender.ts";
import { createGround, decideNow, type Ground } from "./ground.ts";
import { handOver } from "./hand-over.ts";
import { later } from "./later.ts";
import type { ResolvedOptions } from "./options.ts";
import { askPermission, isUndone } from "./permission.ts";
import { watchProcess } from "./watch-process.ts";
import {
  type BatchBase,
  batchBase,
  batchesOf,
  OpenBatch,
  type RecordedEvent,
  wireEvents,
} from "./write-batch.ts";

/** What `record` resolves to; it never rejects. */
export interface RecordResult {
  /** Whether all of it was taken. */
  isFulfilled: boolean;
  isRejected: boolean;
}

export interface TelemetryStatus {
  state: State;
  /** The row of the precedence that decided, 1 to 10. */
  row: number;
  /** What decided, in a few words. */
  because: string;
  /** Where the user's preferences lie, or would. */
  preferences: string;
  /** Batches in the spool. */
  waiting: number;
  /** When something last left this machine, ISO 8601; undefined if nothing has, or none is kept. */
  lastSentAt: string | undefined;
}

/**
 * `build`: settled when the process ends; `dev`: the process lives on, so at once; `exit`: at once
 * too, in a listener on the process's exit, which may come after ours.
 */
export type FlushMode = "build" | "dev" | "exit";

/**
 * The tracker: takes events in the build's process, holds them to the definitions, and has them on
 * disk before the process ends. It opens no connection and throws nothing into the build: what goes
 * wrong ends in `guard` and is told to debug.
 */
export class Telemetry<Events extends EventSet = EventSet> {
  readonly #ground: Ground;
  readonly #open: OpenBatch;
  /** What the product says; undefined while its promise is pending. */
  #enabled: boolean | undefined;
  #queue: RecordedEvent[] = [];
  /** By the object that was passed to `record`, so that `amend` finds it again. */
  readonly #recorded = new WeakMap<object, RecordedEvent>();
  /** Of the batch that is open, or was last. */
  #base: BatchBase | undefined;
  /** A flush that came before `enabled` was known, and counts that did. */
  #flushWanted: FlushMode | undefined;
  #countsWanted: Count[] = [];
  /** Events whose fields are asked for once `enabled` is known. */
  #lazy: LazyEvent[] = [];
  /** Passed to `record` in a run that doesn't record them; `amend` knows them until a settling. */
  readonly #sampledOut = new Set<object>();
  /** The day of the last event, where there is no id. */
  #dayClaimed: string | undefined;
  /** Milliseconds that the exit may wait for the delivery. */
  #exitWait = 0;
  #isHooked = false;
  /** Whether a build's event was recorded since `watchProcess` was called. */
  #isBuildTold = false;
  /** What `watchProcess` recorded at a signal; until the build, which may go on, has its own. */
  #aborted: object | undefined;
  #aliveTimer: NodeJS.Timeout | undefined;

  /** Made by `createTelemetry`, which keeps one a name. */
  constructor(options: ResolvedOptions) {
    this.#ground = createGround(options);
    this.#open = new OpenBatch(this.#ground.subject.places.spool);
    // A process that is a sender itself records nothing: it would start senders without end.
    this.#enabled = readableEnv()[senderTaskVariable] ? false : this.#resolve(options.enabled);
    // Not a method: it is for our own commands, and stays out of the types.
    Object.defineProperty(this, doorKey, { value: () => this.#door() });
  }

  get name(): string {
    return this.#ground.options.name;
  }

  /**
   * Takes an event, or several. Deferred: queued in memory until `flushDetached`; otherwise on disk
   * when the promise resolves. Fields that are not defined or not valid are dropped; debug says why.
   * An event that this run doesn't record (`sample`) isn't taken.
   */
  record(
    events: EventOf<Events> | readonly EventOf<Events>[],
    deferred?: boolean,
  ): Promise<RecordResult>;
  /** The same for fields that cost something: `fields` is only called where they are recorded. */
  record<Name extends keyof Events & string>(
    eventName: Name,
    fields: () => FieldsOf<Events[Name]>,
    deferred?: boolean,
  ): Promise<RecordResult>;
  record(events: unknown, second?: unknown, third?: unknown): Promise<RecordResult> {
    let isFulfilled = false;
    this.guard("record", () => {
      const isLazy = typeof events === "string" && typeof second === "function";
      if (isLazy) {
        const timestamp = new Date().toISOString();
        const fields = second as LazyEvent["fields"];
        isFulfilled = this.#askFields({ eventName: events, timestamp, fields });
      } else {
        const list: readonly unknown[] = Array.isArray(events) ? events : [events];
        isFulfilled = list.map((event) => this.#queueUp(event)).every(Boolean);
      }
      if (!(isLazy ? third : second)) this.#flush("build");
    });
    return Promise.resolve({ isFulfilled, isRejected: !isFulfilled });
  }

  /**
   * For plugins: puts `by` in the place of `event`, an object that was recorded, under the same id.
   * False when its batch is settled: nothing has changed then.
   */
  amend(event: object, by: object): boolean {
    let isAmended = false;
    this.guard("amend", () => {
      if (this.#sampledOut.delete(event)) {
        this.#queueUp(by);
        isAmended = true;
        return;
      }
      const before = this.#recorded.get(event);
      if (!before) return;
      const queued = this.#queue.indexOf(before);
      if (this.#isSampledOut(nameOf(by))) {
        if (queued !== -1) this.#queue.splice(queued, 1);
        else if (!this.#open.withdraw(before.id)) return;
        this.#sampledOut.add(by);
        isAmended = true;
        return;
      }
      const valid = this.#accept(by, "event, changed,");
      if (!valid) return;
      const { id, timestamp, firstOf } = before;
      const after = { ...valid, id, timestamp, ...(firstOf && { firstOf }) };
      if (queued !== -1) this.#queue[queued] = after;
      else if (!this.#open.replace(after) || isUndone(this.#ground)) return;
      this.#recorded.set(by, after);
      isAmended = true;
    });
    return isAmended;
  }

  /**
   * For framework CLIs, called when a build begins: if the process is interrupted or fails before
   * the build's own event is recorded, `build:failed` is, with `errorType` `Aborted` or the error's
   * class. Where a listener of the product lets the build go on, its own event takes the place.
   * Returns how to stop watching.
   */
  watchProcess(options: { fields?: () => Record<string, unknown> } = {}): () => void {
    const startedAt = Date.now();
    this.#isBuildTold = false;
    this.#aborted = undefined;
    return watchProcess({
      fail: (category) => {
        if (this.#isBuildTold) return false;
        this.guard("watchProcess", () => {
          const fields = { success: false, duration: Date.now() - startedAt, ...category };
          let product: Record<string, unknown> | undefined;
          this.guard("fields", () => {
            if (options.fields) product = plainFields(options.fields());
          });
          const event = { eventName: "build:failed", fields: { ...product, ...fields } };
          this.#queueUp(event);
          if (category === aborted) this.#aborted = event;
          this.#flush("build");
          this.hold();
        });
        return true;
      },
      handOver: (isExiting) => {
        this.flushDetached();
        this.#settle(isExiting ? this.#exitWait : 0);
      },
    });
  }

  /** For plugins: keeps the open batch open until the next flush, for what is yet to come. */
  hold(): void {
    clearTimeout(this.#aliveTimer);
  }

  /** Puts the queue on disk, and has a sender started: see `FlushMode` for when. */
  flushDetached(mode: FlushMode = "build"): void {
    this.guard("flush", () => this.#flush(mode));
  }

  /** For code that awaits: the queue is on disk when it resolves. */
  async flush(): Promise<void> {
    this.flushDetached();
  }

  /** Counts what happens too often for an event of its own; goes out as one event a day. */
  count(name: string, outcome: { error?: boolean } = {}): void {
    this.guard("count", () => {
      const { debug, options } = this.#ground;
      const defined = options.definitions.counts;
      const wanted = { name, error: outcome.error === true, at: Date.now() };
      if (!defined.includes(name))
        debug.say(`count "${name}" is not defined; defined are ${defined.join(", ")}`);
      else if (this.#enabled) this.#count(wanted);
      else if (this.#enabled === undefined && this.#countsWanted.length < queueMaxEvents)
        this.#countsWanted.push(wanted);
    });
  }

  get isEnabled(): boolean {
    let isOn = false;
    this.guard("status", () => {
      const { because, state } = decideNow(this.#ground, this.#enabled ?? true);
      isOn = state !== "off";
      // Plugins ask here, and then do nothing that would say so.
      if (!isOn) this.#ground.debug.say(`off: ${because}`);
    });
    return isOn;
  }

  get isDisabled(): boolean {
    return !this.isEnabled;
  }

  /** This installation's id, as batches carry it now; undefined where there is none (yet). */
  get anonymousId(): string | undefined {
    const { options, subject } = this.#ground;
    if (options.identity === "none") return undefined;
    const first = identityOf(readAllPreferences(subject));
    return renewed(first, options.rotateDays, Date.now()).anonymousId;
  }

  status(): TelemetryStatus {
    const { places } = this.#ground.subject;
    const decision = decideNow(this.#ground, this.#enabled ?? true);
    return {
      ...decision,
      preferences: places.preferences,
      waiting: later().countWaiting(places.spool),
      lastSentAt: later().lastSentAt(places.sent),
    };
  }

  /**
   * The user's choice, for good; off deletes what waits, the id and the salt.
   * @returns the file that holds the choice.
   * @throws where it can't be written, saying what to do.
   */
  setEnabled(enabled: boolean): string {
    if (!enabled) this.#queue = [];
    const { options, subject } = this.#ground;
    return later().chooseTelemetry(subject.places, enabled, options);
  }

  /**
   * With `consent: "opt-in"`, before the build: lets the product's own prompt ask whoever sits at the
   * terminal, and stores a `true` or `false` as the commands do. It is not called, now or for good,
   * without a terminal, in CI, where anything says off, or once a choice is stored.
   * @returns what was answered; undefined where nobody was asked, or nobody answered.
   */
  async ask(prompt: ConsentPrompt): Promise<boolean | undefined> {
    try {
      const answer = await later().askForConsent(this.#ground, this.#enabled === true, prompt);
      if (answer === false) this.#queue = [];
      return answer;
    } catch (error) {
      this.reportError("ask", error);
      return undefined;
    }
  }

  /** For plugins: tells debug, and nobody else. */
  reportError(where: string, error: unknown): void {
    this.#ground.debug.say(`${where}: ${reason(error)}`);
  }

  /** The one place where errors of telemetry end. */
  guard(where: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.reportError(where, error);
    }
  }

  #door(): TrackerDoor {
    const { facts, options, project, subject } = this.#ground;
    return {
      options,
      subject,
      projectFiles: project()?.packageFiles ?? [],
      inCI: facts().isCI,
      decide: () => decideNow(this.#ground, this.#enabled ?? true),
      senderCommand: () => senderCommand(options.sender),
    };
  }

  /** What may leave of an event; undefined if nothing. */
  #accept(input: unknown, what = "event"): ValidEvent | undefined {
    const { debug, options } = this.#ground;
    if (this.#enabled === false) {
      debug.say("off: the product has turned it off");
      return undefined;
    }
    const { event, dropped } = validateEvent(options.definitions, input, new Date());
    for (const { path, problem } of dropped) debug.say(`dropped ${path}: ${problem}`);
    if (!event) return undefined;
    const ofVersion = options.definitions.events[event.eventName]?.fields.productVersion;
    const version = ofVersion && accept(ofVersion, options.version);
    if (version && "value" in version) event.fields.productVersion ??= version.value;
    debug.say(() => `${what} ${JSON.stringify(event)}`);
    return event;
  }

  /** By run and event: all processes of a run decide the same. */
  #isSampledOut(name: string): boolean {
    const { debug, options, session } = this.#ground;
    const { events } = options.definitions;
    const rate = Object.hasOwn(events, name) ? events[name]?.sample : undefined;
    if (rate === undefined || shareOf(`${session.id} ${name}`) < rate) return false;
    debug.say(`${name} is not recorded in this run: its sample is ${rate}`);
    return true;
  }

  /** Not before somebody has said yes, and only where the event is recorded. */
  #askFields(lazy: LazyEvent): boolean {
    const { debug } = this.#ground;
    if (this.#enabled === undefined) {
      const isTaken = this.#lazy.length < queueMaxEvents;
      if (isTaken) this.#lazy.push(lazy);
      return isTaken;
    }
    if (this.#isSampledOut(lazy.eventName) || !this.isEnabled) return false;
    let fields: unknown;
    try {
      fields = plainFields(lazy.fields());
    } catch (error) {
      debug.say(`dropped ${lazy.eventName}, whose fields throw: ${reason(error)}`);
      return false;
    }
    return this.#queueUp({ ...lazy, fields });
  }

  #queueUp(input: unknown): boolean {
    if (this.#aborted && this.#replaceAborted(this.#aborted, input)) return true;
    const name = nameOf(input);
    if (this.#isSampledOut(name)) {
      if (name.startsWith("build:")) this.#isBuildTold = true;
      if (this.#sampledOut.size < queueMaxEvents) this.#sampledOut.add(input as object);
      return false;
    }
    const event = this.#accept(input);
    if (!event || this.#queue.length >= queueMaxEvents) return false;
    const recorded = { id: newUuid(), ...event };
    this.#queue.push(recorded);
    if (event.eventName.startsWith("build:")) this.#isBuildTold = true;
    this.#recorded.set(input as object, recorded);
    return true;
  }

  /** A build that goes on after a signal has an end of its own; if it fails, it was aborted. */
  #replaceAborted(before: object, input: unknown): boolean {
    if (!isRecord(input) || !isRecord(input.fields)) return false;
    if (!String(input.eventName).startsWith("build:")) return false;
    this.#aborted = undefined;
    const isFailure = input.eventName === "build:failed";
    const after = isFailure ? { ...input, fields: { ...input.fields, ...aborted } } : input;
    if (!this.amend(before, after)) return false;
    this.#recorded.set(input, this.#recorded.get(after) as RecordedEvent);
    return true;
  }

  #count({ name, error, at }: Count): void {
    const { debug, subject } = this.#ground;
    if (askPermission(this.#ground, this.#enabled === true).state !== "on") return;
    later().appendCount(subject.places.rollups, name, error, at);
    if (!isUndone(this.#ground)) debug.say(`counted ${name}`);
  }

  #flush(mode: FlushMode): void {
    if (this.#enabled === undefined) {
      this.#flushWanted = mode;
      return;
    }
    const events = this.#queue;
    if (events.length > 0) {
      this.#queue = [];
      this.#write(events);
    }
    if (mode !== "build") this.#sampledOut.clear();
    if (this.#open.isEmpty) return;
    if (mode === "exit") this.#settle(this.#exitWait);
    else if (mode === "dev" || !exitHooksRun()) this.#settle();
    else this.#settleLater();
  }

  #write(events: RecordedEvent[]): void {
    const { debug, options, subject } = this.#ground;
    const permission = askPermission(this.#ground, this.#enabled === true);
    if (permission.state === "off") return;
    const facts = this.#ground.facts();
    if (permission.state === "local") {
      makeFolder(subject.places.state);
      const base = batchBase(options, permission.context, facts, undefined);
      for (const batch of batchesOf(base, events)) later().keepLine(subject.places.local, batch);
      isUndone(this.#ground);
      return;
    }
    this.#base = batchBase(options, permission.context, facts, permission.heldSince);
    if (permission.state === "dry") {
      later().showDry(this.#ground, this.#base, wireEvents(this.#base, events));
      return;
    }
    this.#exitWait = permission.isEphemeral ? options.exitWait : 0;
    if (options.identity === "none" && !permission.isEphemeral) this.#claimFirsts(events);
    this.#open.add(this.#base, events);
    if (isUndone(this.#ground)) return;
    debug.say(`on disk: ${events.length} ${events.length === 1 ? "event" : "events"}`);
  }

  /** Each day is asked for once a process: a file says whether another was first. */
  #claimFirsts(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const day = event.timestamp.slice(0, 10);
      if (day === this.#dayClaimed) continue;
      this.#dayClaimed = day;
      const firstOf = claimFirsts(this.#ground.subject.places.firsts, event.timestamp);
      if (firstOf) event.firstOf = firstOf;
    }
  }

  /** By the exit hook, which also runs at `process.exit()`; or while the process lives on. */
  #settleLater(): void {
    if (!this.#isHooked) {
      this.#isHooked = true;
      process.once("exit", () => this.#settle(this.#exitWait));
    }
    clearTimeout(this.#aliveTimer);
    this.#aliveTimer = setTimeout(() => this.#settle(), settleWhileAliveMs).unref();
  }

  #settle(waitMs = 0): void {
    this.guard("settle", () => {
      clearTimeout(this.#aliveTimer);
      const batchId = this.#open.settle();
      if (batchId === undefined || isUndone(this.#ground)) return;
      if (this.#base) handOver(this.#ground, { base: this.#base, batchId, waitMs });
    });
  }

  #resolve(enabled: boolean | Promise<boolean>): boolean | undefined {
    if (typeof enabled === "boolean") return enabled;
    enabled.then(
      (value) => this.#nowKnown(value === true),
      () => this.#nowKnown(false),
    );
    return undefined;
  }

  #nowKnown(enabled: boolean): void {
    this.#enabled = enabled;
    const counts = this.#countsWanted.splice(0);
    const lazy = this.#lazy.splice(0);
    if (!enabled) {
      this.#queue = [];
      return;
    }
    for (const event of lazy) this.guard("record", () => this.#askFields(event));
    for (const count of counts) this.guard("count", () => this.#count(count));
    if (this.#flushWanted) this.flushDetached(this.#flushWanted);
  }
}

/** An event whose fields are yet to be asked for. */
interface LazyEvent {
  eventName: string;
  timestamp: string;
  fields: () => unknown;
}

function nameOf(input: unknown): string {
  try {
    return isRecord(input) ? String(input.eventName) : "";
  } catch {
    return "";
  }
}

/** From 0 to 1, the same for the same text. */
function shareOf(text: string): number {
  return Number.parseInt(hash128(text).slice(0, 8), 16) / 2 ** 32;
}

/** One of `count`. */
interface Count {
  name: string;
  error: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * A worker can be terminated, and a child with a channel killed by its parent, without its exit
 * hooks.
 */
function exitHooksRun(): boolean {
  return process.send === undefined && !isWorker();
}

/** Node marks what a worker may not do. To ask `node:worker_threads`, it would load for 1.2 ms. */
function isWorker(): boolean {
  const { bun, deno } = process.versions;
  if (bun === undefined && deno === undefined) return "disabled" in process.chdir;
  return !process.getBuiltinModule("node:worker_threads").isMainThread;
}
