/** What a plugin is given: its options, and of the tracker only what plugins use. */

export interface PluginOptions {
  /** What `createTelemetry` returned. */
  telemetry: PluginTelemetry;
  /**
   * Called when a build ends; what it returns is added to the event, as far as the event's
   * definition lists it. One that throws adds nothing.
   * @default () => ({})
   */
  fields?: () => Record<string, unknown>;
  /**
   * Record every build of a process that runs many, rebuilds in watch mode too.
   * @default false
   */
  each?: boolean;
}

export interface PluginTelemetry {
  /** Cheap. While it is false a plugin hooks in nothing and never calls `fields`. */
  readonly isEnabled: boolean;
  record(events: PluginEvent | readonly PluginEvent[], deferred?: boolean): unknown;
  /**
   * Puts `by` in the place of `event`, an object that was recorded, under the same id, as long as
   * its batch is open; the next flush writes it. False when the batch is settled: nothing changed.
   */
  amend(event: PluginEvent, by: PluginEvent): boolean;
  /** Keeps the open batch open until the next flush: a build has started that belongs to it. */
  hold(): void;
  /**
   * `build`: on disk now, settled by the exit hook. `dev`: settled now, and a sender started. `exit`:
   * the same as the process ends, when it is too late for an exit hook.
   */
  flushDetached(mode?: "build" | "dev" | "exit"): void;
  count(name: string, outcome?: { error?: boolean }): void;
  /** Tells debug. Never throws. */
  reportError(where: string, error: unknown): void;
}

export interface PluginEvent {
  eventName: string;
  fields: Record<string, unknown>;
}

/** @throws TypeError for what only the product's author can have caused. */
export function checkOptions(options: PluginOptions, entry: string): void {
  const { telemetry, fields, each, ...others } = options ?? {};
  if (typeof telemetry?.record !== "function") {
    throw new TypeError(
      `${entry} needs the telemetry: sendoff({ telemetry }), with what createTelemetry returned.`,
    );
  }
  if (fields !== undefined && typeof fields !== "function") {
    throw new TypeError(`${entry}: "fields" takes a function.`);
  }
  if (each !== undefined && typeof each !== "boolean") {
    throw new TypeError(`${entry}: "each" takes true or false.`);
  }
  for (const other in others) {
    throw new TypeError(`${entry}: "${other}" is no option: check its name.`);
  }
}

/** Makes what a bundler calls safe to call: an error in it is told to debug, and ends there. */
export function guard(telemetry: PluginTelemetry, where: string) {
  return <Args extends unknown[]>(body: (...args: Args) => void) =>
    (...args: Args): void => {
      try {
        body(...args);
      } catch (error) {
        telemetry.reportError(where, error);
      }
    };
}
