import isDocker from "is-docker";
import isWsl from "is-wsl";
import { describeMachine, type MachineFacts } from "./machine.ts";

/** Takes a few milliseconds: the sender's work, never the build's. */
export function readMachineFacts(): MachineFacts {
  return describeMachine({ isDocker: isDocker(), isWsl });
}
