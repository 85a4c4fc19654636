import { identityOf } from "../../consent/index.ts";
import { newIdentity } from "../../consent/make-preferences.ts";
import { eraseFirsts } from "../../spool/index.ts";
import { changePreferences } from "../../tracker/choose.ts";
import type { Command } from "../command.ts";

export const reset: Command = {
  summary: "get a new id and a new salt",
  details: [
    "What is recorded from now on can't be matched with what was sent before. That stays where it",
    "is, under the old id: `erase` has it deleted, and comes first.",
  ],
  run({ access, terminal }) {
    // Where a product has no ids, this is all that could tell that it is the same machine.
    eraseFirsts(access.places);
    if (access.identity === "none") {
      terminal.print(`${access.name} keeps no id. What told its first build of a day is deleted.`);
      return 0;
    }
    const hasId = identityOf(access.readings()).anonymousId !== undefined;
    if (!hasId) {
      const { state } = access.status();
      terminal.print(
        state === "off"
          ? `There is no id to replace: ${access.name} telemetry is off, and keeps none.`
          : "There is no id to replace yet: the first build makes one.",
      );
      return 0;
    }
    changePreferences(access.places, (before) =>
      // Somebody may have turned it off in between.
      before.enabled === false ? before : { notifiedAt: Date.now(), ...before, ...newIdentity() },
    );
    terminal.print(`${access.name} has a new id and a new salt on this machine.`);
    return 0;
  },
};
