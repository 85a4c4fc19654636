import { rmSync } from "node:fs";
import path from "node:path";
import { namesIn, removeIfThere } from "../support/files.ts";
import type { Places } from "../support/paths.ts";
import { eraseDrafts } from "./drafts.ts";

/** Turned off: whatever waits, was counted or was kept is gone. */
export function eraseWaiting(places: Places): void {
  for (const folder of [places.spool, places.rollups, places.firsts]) removeFolder(folder);
  for (const file of [places.sent, places.local]) {
    removeIfThere(file);
    eraseDrafts(places, file);
  }
}

/** As a new id: from now on this machine counts anew. */
export function eraseFirsts(places: Places): void {
  removeFolder(places.firsts);
}

/** All that there is besides the preferences, and the erasures that are not confirmed yet. */
export function eraseState({ state, erasures }: Places): void {
  for (const name of namesIn(state)) {
    if (path.join(state, name) !== erasures) removeFolder(path.join(state, name));
  }
}

function removeFolder(folder: string): void {
  try {
    // A build or a sender may be writing into it.
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 10 });
  } catch {
    // What can't be removed can't be sent either: senders ask for consent before each request.
  }
}
