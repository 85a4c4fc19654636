import type { Batch } from "../spool/batch.ts";
import { senderCommand } from "./find-sender.ts";
import type { Ground } from "./ground.ts";
import { taskFor } from "./hand-over.ts";
import { startSender } from "./start-sender.ts";
import type { BatchBase } from "./write-batch.ts";

/** Shows what these events would send, and leaves nothing behind. */
export function showDry(ground: Ground, base: BatchBase, events: Batch["content"]["events"]): void {
  const { debug, options } = ground;
  const command = senderCommand(options.sender);
  if ("problem" in command) {
    debug.say(`the payload can't be shown: ${command.problem}`);
    return;
  }
  const dry = { ...base, batchId: "dry", content: { ...base.content, events } };
  startSender(command.args, { ...taskFor(ground, base), dry }, debug);
}
