import { existsSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ToldError } from "../config/told-error.ts";
import type { EventRow, IdHash } from "../rows/row.ts";
import type { CopySource } from "./source.ts";

/**
 * How `copy` reads a DuckDB file that a running collector has open: by a socket beside the file, with
 * the file's own rights. Raw rows leave a collector in no other way, whatever token somebody has; a
 * network doesn't reach it.
 */

/** Undefined on Windows, where a pipe's rights are not a file's. */
function socketOf(file: string): string | undefined {
  return process.platform === "win32" ? undefined : `${file}.copy`;
}

/**
 * @param file the database's, which this process has locked: a socket that is there is a dead one's.
 * @returns what closes it; undefined where there can be none.
 */
export async function serveCopies(
  file: string,
  source: CopySource,
  onError: (error: Error) => void,
): Promise<(() => Promise<void>) | undefined> {
  const path = socketOf(file);
  if (path === undefined) return undefined;
  rmSync(path, { force: true });
  const server = createServer((incoming, response) => {
    answer(source, incoming, response).catch((error: NodeJS.ErrnoException) => {
      // Who copies was ended, or this collector is.
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") onError(error);
      response.destroy();
    });
  });
  // It is made with these rights, as it is never to be there with others.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
      process.umask(mask);
    });
  } catch (error) {
    // Paths of sockets are short: everything else works.
    onError(new Error(`No copy while this runs: ${(error as Error).message}`));
    return undefined;
  } finally {
    process.umask(mask);
  }
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

async function answer(
  source: CopySource,
  { url = "" }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, what, day = ""] = url.split("/");
  switch (what) {
    case "counts":
      response.end(JSON.stringify([...(await source.counts())]));
      return;
    case "erased":
      response.end(JSON.stringify(await source.erased()));
      return;
    case "rows":
      // As fast as they are read there.
      await pipeline(Readable.from(lines(source.rows(day))), response);
      return;
    default:
      response.writeHead(404).end();
  }
}

/** The last line says that it was all. */
const END = "end";

async function* lines(pieces: AsyncIterable<EventRow[]>): AsyncGenerator<string> {
  for await (const rows of pieces) {
    if (rows.length > 0) yield `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;
  }
  yield `${END}\n`;
}

/** A running collector's, by its file; undefined where none has it open. */
export async function runningSource(file: string): Promise<CopySource | undefined> {
  const path = socketOf(file);
  if (path === undefined || !existsSync(path)) return undefined;
  if (!(await isListening(path))) return undefined;
  const asked = async <T>(what: string): Promise<T> => {
    let text = "";
    for await (const chunk of chunksOf(path, what)) text += chunk;
    return JSON.parse(text) as T;
  };
  return {
    name: `duckdb:${file}, of a running collector`,
    counts: async () => new Map(await asked<[string, number][]>("/counts")),
    erased: () => asked<IdHash[]>("/erased"),
    async *rows(day) {
      let rest = "";
      for await (const chunk of chunksOf(path, `/rows/${day}`)) {
        const whole = `${rest}${chunk}`.split("\n");
        rest = whole.pop() ?? "";
        if (whole.at(-1) === END) rest = whole.pop() ?? "";
        yield whole.map((line) => JSON.parse(line) as EventRow);
      }
      if (rest !== END) throw hasStopped();
    },
  };
}

/** A socket that nobody listens at is of one that was killed. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(false);
      else reject(error);
    });
  });
}

/** @throws ToldError where the collector ends before its answer does. */
async function* chunksOf(socketPath: string, path: string): AsyncGenerator<string> {
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath, path, agent: false }, resolve).once("error", reject).end();
    });
    yield* answer.setEncoding("utf8");
  } catch (cause) {
    throw hasStopped({ cause });
  }
}

function hasStopped(options?: ErrorOptions): ToldError {
  return new ToldError("The collector has stopped: run the same command again.", options);
}
