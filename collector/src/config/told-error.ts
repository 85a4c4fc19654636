/** What an operator can mend: told in a sentence that says how, without a stack. */
export class ToldError extends Error {
  override readonly name: string = "ToldError";
}

/** Misuse: what was said on the command line, in a variable or a file can't be. */
export class SettingsError extends ToldError {
  override readonly name = "SettingsError";
}
