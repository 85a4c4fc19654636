import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorAnswer, ProductsAnswer } from "../query/api.ts";
import { type Ask, numbersOf } from "./numbers.ts";
import { pageOf } from "./page.ts";

/**
 * `sendoff-collector publish`: the numbers that users gave, given back, as files for a website: of each
 * product a page and the same as JSON.
 * @returns the pages.
 */
export async function publish(
  ask: Ask,
  { out, product, now = new Date() }: { out: string; product?: string | undefined; now?: Date },
): Promise<string[]> {
  const { products } = await ask<ProductsAnswer>("products");
  const chosen = products.filter(({ name }) => product === undefined || name === product);
  if (chosen.length === 0) {
    const names = products.map(({ name }) => name).join(", ");
    throw new TypeError(`--product ${product} is not known there: name one of ${names}.`);
  }
  const pages: string[] = [];
  for (const one of chosen) {
    const folder = chosen.length === 1 ? out : join(out, one.name);
    const numbers = await numbersOf(one, ask, now);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "telemetry.json"), `${JSON.stringify(numbers, null, 2)}\n`);
    const page = join(folder, "index.html");
    await writeFile(page, pageOf(numbers));
    pages.push(page);
  }
  return pages;
}

/**
 * Asks a running collector.
 * @throws TypeError with what to do where it doesn't answer, or wants another token.
 */
export function askCollector(url: string, token: string | undefined): Ask {
  return async <T>(path: string) => {
    const headers: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    const address = new URL(`api/v1/${path}`, url.endsWith("/") ? url : `${url}/`);
    const answer = await fetch(address, { headers }).catch(() => {
      throw new TypeError(`No collector answers at ${url}: start it, or say where by --from.`);
    });
    if (answer.status === 401) {
      throw new TypeError(`The collector at ${url} wants a token: pass it in COLLECTOR_TOKEN.`);
    }
    const body = (await answer.json()) as T & Partial<ErrorAnswer>;
    if (!answer.ok) {
      throw new Error(body.error ?? `The collector at ${url} answered ${answer.status}.`);
    }
    return body;
  };
}
