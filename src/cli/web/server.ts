import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
// One look for all pages: the dashboard's.
import base from "../../../collector/dashboard/src/shared/base.css?text";
import tokens from "../../../collector/dashboard/src/shared/tokens.css?text";
import { countWaiting, lastSentAt, readDays } from "../../spool/index.ts";
import { localViewPollMs } from "../../support/limits.ts";
import type { CommandContext } from "../command.ts";
import { explain } from "../explain.ts";
import { keptLocally } from "../waiting.ts";
import { cookieName, type Doors, judge } from "./guard.ts";
import { html } from "./html.ts";
import script from "./live.js?text";
import css from "./page.css?text";
import { page } from "./page.ts";
import { isSwitch, press } from "./switches.ts";

export interface LocalView {
  /** To be opened once. */
  address: string;
  /** Tells pages that are open, and takes no more requests. */
  close(): Promise<void>;
}

/** Listens on the loopback interface alone, on a port of the system's choice. */
export async function openLocalView(context: CommandContext): Promise<LocalView> {
  const doors: Doors = { host: "", token: secret(), room: secret(), key: secret() };
  const open = new Set<ServerResponse>();
  let said = "";
  let pressed: Promise<void> = Promise.resolve();

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    request.resume(); // A switch says it all by its name.
    try {
      respond(request, response);
    } catch (error) {
      answer(response, 500, "text/plain", explain(error, context.access.offVariable));
    }
  });

  function respond(request: IncomingMessage, response: ServerResponse): void {
    const verdict = judge(request, doors);
    if (verdict.is === "let in") letIn(response);
    else if (verdict.is === "refused") answer(response, verdict.status, "text/plain", verdict.why);
    else if (request.method === "GET") give(verdict.path, response);
    else if (isSwitch(verdict.path)) change(verdict.path, response);
    else answer(response, 404, "text/plain", "There is no such switch.");
  }

  function give(path: string, response: ServerResponse): void {
    const asset = assets[path];
    if (asset) answer(response, 200, asset.type, asset.text);
    else if (path === "changes") follow(response);
    else if (path !== "") answer(response, 404, "text/plain", "There is no such page.");
    else answer(response, 200, "text/html", page(context.access, said, context.call).text);
  }

  function letIn(response: ServerResponse): void {
    doors.token = undefined;
    const cookie = `${cookieName}=${doors.key}; Path=/${doors.room}/; HttpOnly; SameSite=Strict`;
    response.setHeader("set-cookie", cookie);
    // Not a redirect, which would count as made by whatever page the address was clicked in.
    const next = `/${doors.room}/`;
    const words = html`<!doctype html><html lang="en"><title>One moment</title><link rel="icon" href="${next}icon.svg"><meta http-equiv="refresh" content="0;url=${next}"><a href="${next}">Continue</a></html>`;
    answer(response, 200, "text/html", words.text);
  }

  function change(word: string, response: ServerResponse): void {
    pressed = pressed.then(async () => {
      said = await press(word, context);
      response.writeHead(303, { location: `/${doors.room}/` }).end();
    });
  }

  function follow(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("\n");
    open.add(response);
    response.once("close", () => open.delete(response));
  }

  let stamp = stampOf(context);
  const timer = setInterval(() => {
    if (open.size === 0) return;
    const now = stampOf(context);
    if (now === stamp) return;
    stamp = now;
    for (const response of open) response.write("event: changed\ndata:\n\n");
  }, localViewPollMs);

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  doors.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: `http://${doors.host}/?token=${doors.token}`,
    async close() {
      clearInterval(timer);
      await pressed;
      const told = [...open].map(
        (response) => new Promise<void>((done) => response.end("event: ended\ndata:\n\n", done)),
      );
      await Promise.race([Promise.all(told), pause(localViewPollMs)]);
      server.close();
      server.closeAllConnections();
    },
  };
}

const assets: Record<string, { type: string; text: string } | undefined> = {
  "style.css": { type: "text/css", text: tokens + base + css },
  "live.js": { type: "text/javascript", text: script },
  "icon.svg": {
    type: "image/svg+xml",
    text: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#2857c5"/></svg>',
  },
};

const headers = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Forms would send no origin with `no-referrer`.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(text);
}

/** Changes when there is something new to show. */
function stampOf({ access }: CommandContext): string {
  const { spool, sent, rollups, local } = access.places;
  const { state, because } = access.status();
  return JSON.stringify([
    ...[state, because, countWaiting(spool), lastSentAt(sent)],
    ...[readDays(rollups), keptLocally(local).length],
  ]);
}

function secret(): string {
  return randomBytes(24).toString("base64url");
}
