import path from "node:path";
import { hash128 } from "./hash.ts";

/** Where a sender delivers, as options and as it travels in a batch. */
export type SinkOptions = HttpSink | FileSink | UdpSink | PosthogSink | ModuleSink;

/** POST to a URL: https, or http to a loopback address. */
export interface HttpSink {
  type: "http";
  url: string;
}

/** Appends each payload as a line of JSON. */
export interface FileSink {
  type: "file";
  /** An absolute path. */
  path: string;
}

/** One datagram an event, as `key=value` words; best effort. */
export interface UdpSink {
  type: "udp";
  host: string;
  port: number;
}

/** PostHog's batch API: anonymous events, without person profiles or places. */
export interface PosthogSink {
  type: "posthog";
  /** Such as `https://eu.i.posthog.com`. */
  host: string;
  /** The project's key, which may only write. */
  apiKey: string;
}

/** A product's own: a module whose default export makes a sink. It is loaded in the sender. */
export interface ModuleSink {
  type: "module";
  /** An absolute path. */
  path: string;
  /** Handed to the module; JSON. */
  options?: unknown;
}

/** Names a sink in file names: its type and 8 hexadecimal digits. */
export function sinkKey(sink: SinkOptions): string {
  return `${sink.type}-${hash128(JSON.stringify(sink)).slice(0, 8)}`;
}

/** What people are told: the host, or the file. */
export function destination(sink: SinkOptions): string {
  switch (sink.type) {
    case "http":
      return new URL(sink.url).host;
    case "posthog":
      return new URL(sink.host).host;
    case "udp":
      return sink.host;
    case "file":
    case "module":
      return sink.path;
  }
}

/** What is wrong with a sink's options, and what they take; undefined if nothing. */
export function sinkProblem(sink: SinkOptions): string | undefined {
  switch (sink?.type) {
    case "http":
      return prefixed("url", urlProblem(sink.url));
    case "posthog":
      return typeof sink.apiKey === "string" && /^[\w-]{1,128}$/.test(sink.apiKey)
        ? prefixed("host", urlProblem(sink.host))
        : "has an apiKey that is none: pass the project's key";
    case "udp":
      return typeof sink.host === "string" && sink.host !== "" && isPort(sink.port)
        ? undefined
        : 'takes { type: "udp", host, port }';
    case "file":
    case "module":
      return typeof sink.path === "string" && path.isAbsolute(sink.path)
        ? undefined
        : `has a ${sink.type} sink whose path is not absolute`;
    default:
      return "has a sink whose type is none of http, posthog, udp, file, module";
  }
}

function prefixed(option: string, problem: string | undefined): string | undefined {
  return problem && `has a ${option} that ${problem}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65536;
}

/** What is wrong with a URL to deliver to, and what it takes; undefined if nothing. */
export function urlProblem(url: unknown): string | undefined {
  const takes = "pass an https URL as a string, or http to a loopback address";
  if (typeof url !== "string" || !URL.canParse(url)) return `is not a URL: ${takes}`;
  const { protocol, hostname, username, password } = new URL(url);
  if (username || password) return "holds a user name or password: leave them out";
  if (protocol === "https:") return undefined;
  if (protocol !== "http:") return `has the protocol ${protocol} ${takes}`;
  return isLoopback(hostname) ? undefined : `sends in the clear to another machine: ${takes}`;
}

export function isLoopbackUrl(url: string): boolean {
  return urlProblem(url) === undefined && isLoopback(new URL(url).hostname);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
