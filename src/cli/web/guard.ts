import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * Who may see the page and press its switches: the browser that was given the address, and pages
 * that this server has made. Others on this machine can reach the port, and so can every website
 * that its user opens; neither knows the token, and a website's requests name it in their headers.
 */
export interface Doors {
  /** `127.0.0.1:41234`: another name for it (DNS rebinding) is refused. */
  host: string;
  /** Opens once; undefined afterwards. */
  token: string | undefined;
  /**
   * The folder that the page lies in. Browsers send a cookie to every port of a host, but not
   * outside its path: another server on this machine can't collect it.
   */
  room: string;
  /** The cookie's value. */
  key: string;
}

export type Verdict =
  | { is: "let in" }
  | { is: "allowed"; path: string }
  | { is: "refused"; status: 403 | 404 | 405; why: string };

export const cookieName = "sendoff";

export function judge(
  { method, url = "", headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  { host, key, room, token }: Doors,
): Verdict {
  if (headers.host !== host) return refused(403, `This page is only there as http://${host}.`);
  if (method !== "GET" && method !== "POST") return refused(405, "Only GET and POST.");
  const { pathname, searchParams } = new URL(url, `http://${host}`);
  if (pathname === "/" && method === "GET") {
    const isRight = token !== undefined && isSame(searchParams.get("token") ?? "", token);
    return isRight ? { is: "let in" } : refused(403, usedUp);
  }
  if (!pathname.startsWith(`/${room}/`) || !isSame(cookieOf(headers.cookie), key)) {
    return refused(403, usedUp);
  }
  // Pages of other origins, also those of other ports: browsers say so, and nobody else can.
  const site = headers["sec-fetch-site"];
  const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
  const isOurs =
    headers.origin === undefined ? method === "GET" : headers.origin === `http://${host}`;
  if (isForeign || !isOurs) return refused(403, "Only this page itself may do that.");
  return { is: "allowed", path: pathname.slice(room.length + 2) };
}

const usedUp =
  "This address is not right, or has been used: it opens once, in one browser. Run the command again for another.";

function refused(status: 403 | 405, why: string): Verdict {
  return { is: "refused", status, why };
}

function cookieOf(cookies = ""): string {
  const own = cookies.split("; ").find((cookie) => cookie.startsWith(`${cookieName}=`));
  return own?.slice(cookieName.length + 1) ?? "";
}

/** Takes as long whatever is different. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
