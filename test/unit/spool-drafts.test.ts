import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { sweepDrafts } from "../../src/spool/drafts.ts";
import { eraseWaiting } from "../../src/spool/erase.ts";
import { draftOf } from "../../src/support/files.ts";
import { placesFor } from "../../src/support/paths.ts";
import { ownFolder } from "./own-folder.ts";
import { setAge } from "./spool-batches.ts";

const folder = ownFolder();
const now = 1_700_000_000_000;
const minute = 60_000;

const places = () =>
  placesFor("acme", {
    env: { XDG_CONFIG_HOME: folder.at("config"), XDG_STATE_HOME: folder.at("state") },
    platform: process.platform,
    home: folder.at(),
  });

/** By its path below the folder. */
function write(file: string, ageMs: number): string {
  folder.write(file.slice(folder.at().length + 1), "half of it");
  setAge(file, now - ageMs);
  return file;
}

test("what a killed process was about to put in place goes once its writer can't live any more", () => {
  const { backoff, lock, preferences, sent } = places();
  const drafts = [
    draftOf(sent),
    draftOf(lock),
    `${lock}.4fzzzxjylrx.stale`,
    draftOf(`${backoff}/http-0a1b2c3d.json`),
    draftOf(preferences),
  ];
  const old = drafts.map((file) => write(file, 11 * minute));
  const young = [draftOf(sent), draftOf(preferences)].map((file) => write(file, 9 * minute));
  sweepDrafts(places(), now);
  expect(old.filter(existsSync)).toEqual([]);
  expect(young.filter(existsSync)).toEqual(young);
});

test("nothing else goes, however old", () => {
  const { backoff, lock, preferences, sent, state } = places();
  const files = [sent, lock, preferences, `${backoff}/http-0a1b2c3d.json`, `${state}/notes.tmp`];
  // The product's own.
  files.push(draftOf(folder.at("config", "acme", "settings.json")));
  for (const file of files) write(file, 60 * minute);
  sweepDrafts(places(), now);
  expect(files.filter(existsSync)).toEqual(files);
});

test("where there is no folder, there is nothing to do", () => {
  expect(() => sweepDrafts(places(), now)).not.toThrow();
  expect(readdirSync(folder.at())).toEqual([]);
});

test("turning it off deletes drafts of what was kept, however young", () => {
  const { local, sent } = places();
  const drafts = [draftOf(sent), draftOf(local)].map((file) => write(file, 0));
  eraseWaiting(places());
  expect(drafts.filter(existsSync)).toEqual([]);
});
