import type { Command } from "../command.ts";
import { disable, enable, local } from "./choose.ts";
import { doctor } from "./doctor.ts";
import { erase } from "./erase.ts";
import { events } from "./events.ts";
import { flush } from "./flush.ts";
import { reset } from "./reset.ts";
import { show } from "./show.ts";
import { status } from "./status.ts";
import { tryBuild } from "./try.ts";

/** In the order in which somebody new would ask. */
export const commands: Record<string, Command> = {
  status,
  show,
  events,
  try: tryBuild,
  disable,
  enable,
  local,
  flush,
  doctor,
  reset,
  erase,
};
