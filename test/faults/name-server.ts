import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";

/**
 * A resolver of the test's own, for processes started with `prefix`: in a mount namespace of their
 * own they find another `/etc/resolv.conf`.
 */
export interface NameServer {
  prefix: string[];
  /** Every name is this machine, after so many milliseconds; undefined: no answer at all. */
  answerAfter(ms: number | undefined): void;
  close(): Promise<void>;
}

/** Needs root on Linux, and a container that may make namespaces. */
export function canSetResolver(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  return spawnSync("unshare", ["-m", "true"]).status === 0;
}

export async function startNameServer(folder: string): Promise<NameServer> {
  let delay: number | undefined;
  const timers = new Set<NodeJS.Timeout>();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    if (delay === undefined) return;
    const answer = () => socket.send(answerTo(query), from.port, from.address, () => {});
    timers.add(setTimeout(answer, delay));
  });
  const address = await bindSomewhere(socket);
  const settings = path.join(folder, "resolv.conf");
  // Longer than a sender lives, so that the lookup is still under way when it has to go.
  writeFileSync(settings, `nameserver ${address}\noptions timeout:30 attempts:1\n`);
  const order = path.join(folder, "nsswitch.conf");
  writeFileSync(order, "hosts: files dns\n");
  const mounts = [
    `mount --bind ${settings} /etc/resolv.conf`,
    `{ [ ! -e /etc/nsswitch.conf ] || mount --bind ${order} /etc/nsswitch.conf; }`,
    'exec "$@"',
  ];
  return {
    prefix: ["unshare", "-m", "sh", "-c", mounts.join(" && "), "sh"],
    answerAfter(ms) {
      delay = ms;
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      socket.close();
    },
  };
}

/** All of 127.0.0.0/8 is this machine; port 53 of some address in it is free. */
async function bindSomewhere(socket: ReturnType<typeof createSocket>): Promise<string> {
  const part = () => 1 + Math.floor(Math.random() * 254);
  const address = `127.${part()}.${part()}.${part()}`;
  socket.bind(53, address);
  await once(socket, "listening");
  return address;
}

/** To a question of type A: 127.0.0.1. To any other: that there is nothing of that kind. */
function answerTo(query: Buffer): Buffer {
  const nameEnd = query.indexOf(0, 12) + 1;
  const question = query.subarray(12, nameEnd + 4);
  const isAddress = query.readUInt16BE(nameEnd) === 1;
  const counts = isAddress ? "0001000100000000" : "0001000000000000";
  const header = Buffer.concat([query.subarray(0, 2), Buffer.from(`8180${counts}`, "hex")]);
  const record = Buffer.from(isAddress ? "c00c000100010000003c00047f000001" : "", "hex");
  return Buffer.concat([header, question, record]);
}
