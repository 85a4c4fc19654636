import { listSpool } from "../spool/list.ts";
import { pause, uptimeMs } from "../support/clock.ts";
import { deliveryPollMs, senderLifeMs } from "../support/limits.ts";

/**
 * Blocks, for an exit hook can't do otherwise. Only in ephemeral places whose product asked for it:
 * where the build is a container's first process, its end is the sender's.
 */
export function waitForDelivery(spool: string, batchId: string, waitMs: number): void {
  // No sender that this process started lives longer.
  const until = uptimeMs() + Math.min(waitMs, senderLifeMs);
  while (uptimeMs() < until && listSpool(spool).some((entry) => entry.batchId === batchId)) {
    pause(deliveryPollMs);
  }
}
