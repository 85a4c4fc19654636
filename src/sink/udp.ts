import type { Socket } from "node:dgram";
import { reason } from "../support/debug.ts";
import type { UdpSink } from "../support/sinks.ts";
import { type PayloadEvent, readPayload } from "./payload.ts";
import type { Sink } from "./sink.ts";

/**
 * One datagram an event, as `key=value` words: for a collector that already counts that way. Best
 * effort by nature: what the network loses is lost, and a datagram that has left counts as taken.
 */
export function udpSink({ host, port }: UdpSink): Sink {
  return {
    async deliver({ body }, timeoutMs) {
      const { createSocket } = process.getBuiltinModule("node:dgram");
      const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
      socket.on("error", () => {}); // A socket that can't be bound: then nothing is sent in time.
      // A name lookup has no end of its own.
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("ETIMEDOUT")), timeoutMs);
      });
      try {
        const { context, events } = readPayload(body);
        for (const event of events) {
          const text = datagramOf(event, context.anonymousId);
          await Promise.race([send(socket, text, port, host), late]);
        }
        return { status: 200 };
      } catch (error) {
        // An event too long for a datagram never gets through: smaller requests, then without it.
        if ((error as NodeJS.ErrnoException).code === "EMSGSIZE") return { status: 413 };
        return { failure: reason(error) };
      } finally {
        clearTimeout(timer);
        socket.close();
      }
    },
  };
}

/** `event=build:completed id=… anonymousId=… duration=812`: no value holds white space. */
export function datagramOf(event: PayloadEvent, anonymousId: unknown): string {
  const words = {
    event: event.eventName,
    id: event.id,
    timestamp: event.timestamp,
    anonymousId,
    ...event.fields,
    sampleRate: event.sampleRate,
    firstOf: event.firstOf,
  };
  return Object.entries(words)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" ");
}

function send(socket: Socket, text: string, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(text, port, host, (error) => (error ? reject(error) : resolve()));
  });
}
