import type { Answer } from "../sink/index.ts";
import {
  type Claim,
  isSealed,
  keepLine,
  leftFor,
  noteLeft,
  noteStopped,
  type Request,
  releaseClaim,
  removeClaim,
  type SealedBatch,
  type SentLine,
  sealBatch,
  stillMine,
} from "../spool/index.ts";
import { type Debug, reason } from "../support/debug.ts";
import { removeIfThere } from "../support/files.ts";
import { settleReserveMs } from "../support/limits.ts";
import type { Places } from "../support/paths.ts";
import { destination, type SinkOptions } from "../support/sinks.ts";
import { describeAnswer, meaningOf } from "./answer.ts";
import { attempt } from "./attempt.ts";
import { requestsOf, splitRequest } from "./payload.ts";
import type { SinkRun } from "./sinks.ts";

/** What the delivery of every batch in a sender's run shares. */
export interface DeliveryRun {
  places: Places;
  debug: Debug;
  lifeLeftMs(): number;
  /** Consent, read again. */
  isPermitted(): boolean;
  sinkRun(options: SinkOptions): SinkRun | undefined;
  /** Told each answer, for somebody who looks on. */
  onAnswer?(to: SinkOptions, answer: Answer): void;
}

/**
 * Delivers one claimed batch to all of its sinks, settling each by itself, and removes it once
 * nothing is left. Otherwise the next sender has it.
 */
export async function deliverBatch(run: DeliveryRun, claim: Claim): Promise<void> {
  try {
    const sealed = isSealed(claim.batch) ? claim.batch : sealBatch(claim, requestsOf(claim.batch));
    // All at once: a sink that hangs takes no time from the others.
    const deliveries = sealed.sinks.map((options) => deliverToSink(run, claim, options));
    const trouble = (await Promise.allSettled(deliveries)).find(
      ({ status }) => status === "rejected",
    );
    if (trouble?.status === "rejected") throw trouble.reason;
    if (isSettled(run, claim)) removeClaim(claim);
  } catch (error) {
    // A full or failing disk: nothing was sent that is not written down.
    run.debug.say(() => `sender: batch ${claim.batchId} waits, ${String(error)}`);
  } finally {
    releaseClaim(run.places.spool, claim);
    // What was written a moment after an opt-out had everything deleted is deleted now.
    run.isPermitted();
  }
}

function isSettled({ sinkRun }: DeliveryRun, { batch }: Claim): boolean {
  if (!isSealed(batch)) return false;
  return batch.sinks.every((options) => {
    const known = sinkRun(options);
    return known !== undefined && leftFor(batch, known.key).length === 0;
  });
}

async function deliverToSink(run: DeliveryRun, claim: Claim, options: SinkOptions): Promise<void> {
  const sinkRun = run.sinkRun(options);
  if (!sinkRun) return;
  let left = leftFor(claim.batch as SealedBatch, sinkRun.key);
  const tell = (text: string) => run.debug.say(`${destination(options)}: ${text}`);
  const mayGoOn = () =>
    stillMine(claim, Date.now()) && run.lifeLeftMs() > settleReserveMs && run.isPermitted();

  while (left.length > 0 && sinkRun.isOpen() && mayGoOn()) {
    const [request, ...others] = left as [Request, ...Request[]];
    run.debug.say(() => `sending ${request.body}`);
    sinkRun.begin();
    const answer = await attempt({
      sink: sinkRun.sink,
      request,
      lifeLeftMs: run.lifeLeftMs,
      mayGoOn,
    });
    if (answer === undefined) {
      sinkRun.untried();
      return;
    }
    tell(`answered ${describeAnswer(answer)}`);
    run.onAnswer?.(options, answer);
    // Turned off while the request was under way: nothing is written back.
    if (!run.isPermitted()) return;
    const meaning = meaningOf(answer);
    if (meaning === "retry" || meaning === "wait") {
      sinkRun.failed(answer);
      tell("the batch waits for a later sender");
      return;
    }
    sinkRun.worked();
    // Nor is what a command has deleted.
    if (!stillMine(claim, Date.now())) return;
    if (meaning === "stop") noteStopped(run.places.stopped, claim.batch.version, Date.now());
    if (meaning === "done") keepSent(run, options, request, describeAnswer(answer));
    const smaller = meaning === "split" ? splitRequest(request) : [];
    if (meaning !== "done") tell(smaller.length > 0 ? "split into smaller requests" : "dropped");
    left = [...smaller, ...others];
    if (!stillMine(claim, Date.now())) removeIfThere(run.places.sent);
    noteLeft(claim, sinkRun.key, left);
  }
}

/** A request that can't be kept was taken all the same, and is not to be sent again for that. */
function keepSent(run: DeliveryRun, to: SinkOptions, request: Request, answer: string): void {
  const line: SentLine = { at: new Date().toISOString(), to, answer, body: request.body };
  try {
    keepLine(run.places.sent, line);
  } catch (error) {
    run.debug.say(`what was sent is not kept: ${reason(error)}`);
  }
}
