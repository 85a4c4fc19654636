/** Environment variables of a product: `acme-cli` listens to `ACME_CLI_…`. */
export function envPrefix(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
}

/** Set, and not to empty, `0` or `false`: the reading that every opt-out variable shares. */
export function isSet(value: unknown): boolean {
  // Where somebody has put an object in the place of `process.env`, it may be no string.
  return !["", "0", "false"].includes(
    String(value ?? "")
      .trim()
      .toLowerCase(),
  );
}

/** Carries the sender's task; its presence is what makes a process the sender, and no tracker. */
export const senderTaskVariable = "SENDOFF_SENDER";

/** Its value where the task is too large for an environment, and comes on stdin. */
export const taskOnStdin = "stdin";
