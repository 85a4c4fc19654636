/**
 * `show --web`: the same as `show`, as a page, with switches. It promises that nobody else sees it
 * (guard.ts), and that it ends with the command: no server stays behind. It opens no browser: the
 * address would stand in that process's arguments, for everybody on this machine to read.
 */
import type { CommandContext } from "../command.ts";
import { openLocalView } from "./server.ts";

export async function showWeb(context: CommandContext): Promise<number> {
  const { access, terminal } = context;
  const view = await openLocalView(context);
  terminal.print(`${access.name} telemetry on this machine, as a page:\n\n  ${view.address}\n`);
  terminal.print(
    terminal.style.dim("The address opens once, in one browser. Ctrl-C ends the page."),
  );
  const why = await end();
  await view.close();
  terminal.print(`\n${why}: the page has ended.`);
  return 0;
}

/** Resolves with the reason when whoever started it is done, or gone. */
function end(): Promise<string> {
  return new Promise((resolve) => {
    const { stdin } = process;
    const stop = (why: string) => () => {
      for (const [signal, listener] of signals) process.removeListener(signal, listener);
      for (const event of inputEvents) stdin.removeListener(event, inputEnded);
      stdin.pause();
      stdin.unref?.();
      resolve(why);
    };
    const signals = [
      ["SIGINT", stop("Ctrl-C")],
      ["SIGTERM", stop("Told to end")],
      ["SIGHUP", stop("The terminal was closed")],
    ] as const;
    const inputEvents = ["end", "close", "error"];
    const inputEnded = stop("The input was closed");
    for (const [signal, listener] of signals) process.on(signal, listener);
    for (const event of inputEvents) stdin.on(event, inputEnded);
    stdin.resume();
  });
}
