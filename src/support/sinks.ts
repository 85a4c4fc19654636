import { hash128 } from "./hash.ts";

/** Where a sender delivers, as options and as it travels in a batch. */
export type SinkOptions = HttpSink | FileSink;

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

/** Names a sink in file names: its type and 8 hexadecimal digits. */
export function sinkKey(sink: SinkOptions): string {
  return `${sink.type}-${hash128(JSON.stringify(sink)).slice(0, 8)}`;
}

/** What people are told: the host, or the file. */
export function destination(sink: SinkOptions): string {
  return sink.type === "http" ? new URL(sink.url).host : sink.path;
}

/** What is wrong with a URL to deliver to, and what it takes; undefined if nothing. */
export function urlProblem(url: unknown): string | undefined {
  const takes = "pass an https URL, or http to a loopback address";
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
