/** What an operator can mend: told in a sentence that says how, without a stack. */
export class ToldError extends Error {
  override readonly name = "ToldError";
}
