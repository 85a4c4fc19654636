import { field } from "./fields.ts";

export interface CommandEventsOptions<Command extends string, Flag extends string> {
  /** The product's commands, as it lists them: `["build", "dev"]`. Any other becomes `other`. */
  commands: readonly Command[];
  /** Names of its flags, at least one: `["watch", "out-dir"]`, no dashes. Their values never leave. */
  flags: readonly Flag[];
}

/**
 * The event of a command, for products that are a CLI:
 * `defineEvents({ ...buildEvents, ...commandEvents({ commands, flags }) })`.
 */
export function commandEvents<const Command extends string, const Flag extends string>(
  options: CommandEventsOptions<Command, Flag>,
) {
  const flag = field.oneOf(options?.flags, "A flag's name.");
  return {
    "command:ended": {
      description: "A command has ended.",
      fields: {
        command: field.oneOf(options.commands, "Which command."),
        flags: field.listOf(flag, 20, "The names of the flags that it was given, without values."),
        outcome: field.oneOf(["ok", "failed", "aborted"], "How it ended."),
        duration: field.milliseconds("How long it took."),
        productVersion: field.version("The version of the product that records this."),
      },
    },
  };
}
