import type { IncomingMessage } from "node:http";

export type SourceOf = (incoming: IncomingMessage) => string;

/**
 * The address that a request comes from. Behind a proxy it is the last entry of `x-forwarded-for`,
 * which the proxy itself has added: those before it are the client's to invent.
 */
export function sourceOf(isBehindProxy: boolean): SourceOf {
  if (!isBehindProxy) return ({ socket }) => socket.remoteAddress ?? "";
  return ({ headers, socket }) => {
    const forwarded = headers["x-forwarded-for"];
    const last = String(forwarded ?? "")
      .split(",")
      .at(-1)
      ?.trim();
    return last || (socket.remoteAddress ?? "");
  };
}
