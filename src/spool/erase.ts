import { rmSync } from "node:fs";
import { removeIfThere } from "../support/files.ts";
import type { Places } from "../support/paths.ts";

/** Turned off: whatever waits, was counted or was kept is gone. */
export function eraseWaiting(places: Places): void {
  for (const folder of [places.spool, places.rollups]) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // What can't be removed can't be sent either: senders ask for consent before each request.
    }
  }
  for (const file of [places.sent, places.local]) removeIfThere(file);
}
