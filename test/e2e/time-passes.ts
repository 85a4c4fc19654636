import { readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";

/**
 * A quarter of an hour, for what lies in a product's state folder: claims are dead, open batches
 * and drafts abandoned, the lock and the back-offs over.
 */
export function timePasses(state: string): void {
  const past = Date.now() - 15 * 60 * 1000;
  for (const name of ["sender.lock", "backoff"]) {
    rmSync(path.join(state, name), { recursive: true, force: true });
  }
  const spool = path.join(state, "spool");
  if (!statSync(spool, { throwIfNoEntry: false })) return;
  for (const name of readdirSync(state)) {
    if (/\.(tmp|stale)$/.test(name)) utimesSync(path.join(state, name), past / 1000, past / 1000);
  }
  for (const name of readdirSync(spool)) {
    const aged = path.join(spool, name.replace(/_claimed\.\d+\./, `_claimed.${past}.`));
    renameSync(path.join(spool, name), aged);
    utimesSync(aged, past / 1000, past / 1000);
  }
}
