import { describeAnswer, meaningOf } from "../../flush/answer.ts";
import { runSender } from "../../flush/sender.ts";
import type { Answer } from "../../sink/index.ts";
import { countWaiting } from "../../spool/index.ts";
import { destination, type SinkOptions } from "../../support/sinks.ts";
import type { Command } from "../command.ts";
import { plural } from "../terminal.ts";

export const flush: Command = {
  summary: "send what waits, now, and say how it went",
  details: [
    "Sends whatever back-off an endpoint that failed has earned, and what a first run's notice",
    "holds back: have a look with `show` first.",
  ],
  async run({ access, terminal, call }) {
    const { name, places } = access;
    const { state, because } = access.status();
    const before = countWaiting(places.spool);
    if (before === 0) {
      terminal.print("Nothing waits.");
      return 0;
    }
    if (state !== "on") {
      terminal.complain(
        `${plural(before, "batch waits", "batches wait")}, and nothing is sent: ${name} telemetry is ${state}, ${because}.`,
      );
      return 1;
    }
    const answers: { to: SinkOptions; answer: Answer }[] = [];
    const tell = () => {
      const left = countWaiting(places.spool);
      terminal.progress(`${before - left} of ${plural(before, "batch", "batches")} sent …`);
    };
    tell();
    const timer = setInterval(tell, 100);
    try {
      // A sender has twelve seconds; somebody who waits has more, as long as it gets on.
      let left = before;
      for (let was = left + 1; left > 0 && left < was; ) {
        was = left;
        await runSender(access.senderTask(), (to, answer) => {
          answers.push({ to, answer });
        });
        left = countWaiting(places.spool);
      }
    } finally {
      clearInterval(timer);
    }
    const left = countWaiting(places.spool);
    const sent = before - left;
    const hosts = [...new Set(answers.map(({ to }) => destination(to)))];
    terminal.print(
      `Sent ${sent} of ${plural(before, "batch", "batches")}${sent > 0 && hosts.length > 0 ? ` to ${hosts.join(", ")}` : ""}.`,
    );
    for (const [words, count] of counted(answers)) {
      terminal.print(`  ${words}${count > 1 ? ` (${count} times)` : ""}`);
    }
    if (left <= 0) return 0;
    const trouble =
      answers.length === 0
        ? "Another sender has it, or its build still runs: try again in a quarter of a minute."
        : `A later build tries again; ${call("doctor")} looks for the reason.`;
    terminal.complain(`${plural(left, "batch is", "batches are")} left. ${trouble}`);
    return 1;
  },
};

/** Answers that mean something to whoever waits, each once. */
function counted(answers: readonly { to: SinkOptions; answer: Answer }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { to, answer } of answers) {
    const meaning = meaningOf(answer);
    if (meaning === "done") continue;
    const words = `${destination(to)}: ${describeAnswer(answer)}, ${meanings[meaning]}`;
    sums.set(words, (sums.get(words) ?? 0) + 1);
  }
  return sums;
}

const meanings = {
  retry: "kept for later",
  wait: "kept for later",
  split: "sent again in smaller parts",
  drop: "will never be taken, and is dropped",
  stop: "this version is to send nothing for 30 days",
};
