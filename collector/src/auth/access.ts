import { tokenCheck } from "./tokens.ts";

export interface Asking {
  /** The address a request comes from; empty where the platform doesn't say. */
  source: string;
  /** The `Host` header. */
  host: string | null;
  authorization: string | null;
  /** Whether a header says that somebody has passed it on: `Forwarded`, `X-Forwarded-For`, `Via`. */
  isForwarded: boolean;
}

/**
 * `unknown`: without the token. Where there is none, `elsewhere`: from another machine or by another
 * name; `proxied`: it could be anybody behind a proxy that the collector wasn't told of.
 */
export type Access = "allowed" | "unknown" | "elsewhere" | "proxied";

/** What proxies add of themselves; nginx, if nobody tells it to, adds none of them. */
export const forwardedHeaders = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
] as const;

/**
 * Who may see the numbers: whoever has a token, and, while there is none, whoever sits at the
 * machine itself. `Host` has to name it too: a page of another site that resolves to this address
 * names its own. Behind a proxy nobody sits there: every request comes from the machine, and what
 * its headers say depends on how the proxy is set up. One that shows itself is believed, told of or not.
 */
export function accessCheck(
  tokenHashes: readonly string[],
  isBehindProxy: boolean,
): (asking: Asking) => Access {
  if (tokenHashes.length > 0) {
    const isToken = tokenCheck(tokenHashes);
    return ({ authorization }) => (isToken(authorization) ? "allowed" : "unknown");
  }
  if (isBehindProxy) return () => "proxied";
  return ({ source, host, isForwarded }) => {
    if (isForwarded) return "proxied";
    return isLoopbackAddress(source) && isLoopbackHost(host ?? "") ? "allowed" : "elsewhere";
  };
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isLoopbackAddress(name);
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
