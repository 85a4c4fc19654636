import { runSender } from "../flush/sender.ts";
import { listSpool } from "../spool/index.ts";
import type { TelemetryAccess } from "./access.ts";

/** What a command gets to work with and to print to. */
export interface CommandContext {
  access: TelemetryAccess;
  print(line: string): void;
}

/** Returns the exit code. */
type Command = (context: CommandContext) => number | Promise<number>;

export interface CommandEntry {
  summary: string;
  run: Command;
}

export const commands: Record<string, CommandEntry> = {
  status: {
    summary: "whether builds are counted, what decided, and what waits",
    run({ access, print }) {
      const { state, because, preferences, waiting } = access.status();
      print(`${access.name} telemetry is ${state}: ${because}`);
      print(`  preferences  ${preferences}`);
      print(`  waiting      ${waiting} ${waiting === 1 ? "batch" : "batches"}`);
      return 0;
    },
  },
  enable: {
    summary: "agree to being counted",
    run({ access, print }) {
      const file = access.choose(true);
      print(`${access.name} telemetry is on for you (${file})`);
      return warnIfStillOff({ access, print });
    },
  },
  disable: {
    summary: "turn it off for good; what waits, the id and the salt are deleted",
    run({ access, print }) {
      const file = access.choose(false);
      print(`${access.name} telemetry is off (${file}); what waited was deleted`);
      return 0;
    },
  },
  flush: {
    summary: "send now what waits",
    async run({ access, print }) {
      const count = () =>
        listSpool(access.places.spool).filter(({ kind }) => kind !== "draft").length;
      const before = count();
      if (before === 0) {
        print("Nothing waits.");
        return 0;
      }
      await runSender(access.senderTask());
      const left = count();
      print(`${before - left} of ${before} ${before === 1 ? "batch" : "batches"} delivered`);
      if (left > 0) print(`${left} still wait; ${access.debugVariable}=1 says why`);
      return left === 0 ? 0 : 1;
    },
  },
};

/** Enabled by the user, but something that ranks above says off. */
function warnIfStillOff({ access, print }: CommandContext): number {
  const { state, because } = access.status();
  if (state === "off") print(`It stays off here all the same: ${because}`);
  return 0;
}
