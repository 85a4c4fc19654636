import { type Command, Misuse } from "../command.ts";

export const tryBuild: Command = {
  summary: "run a build and see what it would send, and what that costs",
  usage: "[--pairs N] -- COMMAND",
  details: [
    "Runs any command that builds, several times, with an empty home and a receiver on this machine,",
    "and reports the notice, the payload, how long the build took with telemetry and without, and",
    "that it did not wait. Nothing is sent elsewhere, and nothing is left but what the build makes.",
  ],
  options: { pairs: { type: "string" } },
  optionWords: [
    ["--pairs N", "how often to build with and without; as many as fit in half a minute"],
  ],
  takesCommand: true,
  async run(context) {
    const { values, words, call } = context;
    const [file, ...args] = words;
    if (file === undefined) {
      throw new Misuse(
        `try takes the command of a build, such as: ${call("try -- npm run build")}`,
      );
    }
    const pairs = values.pairs === undefined ? undefined : Number(values.pairs);
    if (pairs !== undefined && !(Number.isInteger(pairs) && pairs >= 1 && pairs <= 100)) {
      throw new Misuse("--pairs takes a number from 1 to 100.");
    }
    // With what no other command needs.
    const { tryCommand } = await import("../try/try-command.ts");
    return tryCommand(context, { file, args, pairs });
  },
};
