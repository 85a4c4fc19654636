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
  sealBatch,
  stillMine,
} from "../spool/index.ts";
import { type Debug, reason } from "../support/debug.ts";
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
}

/**
 * Delivers one claimed batch to all of its sinks, settling each by itself, and removes it once
 * nothing is left. Otherwise the next sender has it.
 */
export async function deliverBatch(run: DeliveryRun, claim: Claim): Promise<void> {
  try {
    const sealed = isSealed(claim.batch) ? claim.batch : sealBatch(claim, requestsOf(claim.batch));
    for (const options of sealed.sinks) await deliverToSink(run, claim, options);
    if (isSettled(run, claim)) removeClaim(claim);
  } catch (error) {
    // A full or failing disk: nothing was sent that is not written down.
    run.debug.say(() => `sender: batch ${claim.batchId} waits, ${String(error)}`);
  } finally {
    releaseClaim(run.places.spool, claim);
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
    const meaning = meaningOf(answer);
    if (meaning === "retry" || meaning === "wait") {
      sinkRun.failed(answer);
      tell("the batch waits for a later sender");
      return;
    }
    sinkRun.worked();
    if (meaning === "stop") noteStopped(run.places.stopped, claim.batch.version, Date.now());
    if (meaning === "done") keepSent(run, sinkRun.key, request, describeAnswer(answer));
    const smaller = meaning === "split" ? splitRequest(request) : [];
    if (meaning !== "done") tell(smaller.length > 0 ? "split into smaller requests" : "dropped");
    left = [...smaller, ...others];
    noteLeft(claim, sinkRun.key, left);
  }
}

/** A request that can't be kept was taken all the same, and is not to be sent again for that. */
function keepSent(run: DeliveryRun, sink: string, request: Request, answer: string): void {
  try {
    keepLine(run.places.sent, { at: new Date().toISOString(), sink, answer, body: request.body });
  } catch (error) {
    run.debug.say(`what was sent is not kept: ${reason(error)}`);
  }
}
