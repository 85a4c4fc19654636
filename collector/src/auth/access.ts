import { tokenCheck } from "./tokens.ts";

export interface Asking {
  /** The address a request comes from; empty where the platform doesn't say. */
  source: string;
  /** The `Host` header. */
  host: string | null;
  authorization: string | null;
}

/**
 * Who may see the numbers: whoever has a token, and, while there is none, whoever sits at the
 * machine itself. `Host` has to name it too: a page of another site that resolves to this address
 * names its own. Behind a proxy nobody sits there: every request comes from the machine, and what
 * its headers say depends on how the proxy is set up.
 */
export function accessCheck(
  tokenHashes: readonly string[],
  isBehindProxy: boolean,
): (asking: Asking) => boolean {
  if (tokenHashes.length > 0) {
    const isToken = tokenCheck(tokenHashes);
    return ({ authorization }) => isToken(authorization);
  }
  if (isBehindProxy) return () => false;
  return ({ source, host }) => isLoopbackAddress(source) && isLoopbackHost(host ?? "");
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isLoopbackAddress(name);
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
}
