import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../config/folder.ts";
import { SettingsError, ToldError } from "../config/told-error.ts";
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
  const { products, retentionDays } = await ask<ProductsAnswer>("products");
  const chosen = products.filter(({ name }) => product === undefined || name === product);
  if (chosen.length === 0) {
    const names = products.map(({ name }) => name).join(", ");
    throw new SettingsError(`--product ${product} is not known there: name one of ${names}.`);
  }
  const pages: string[] = [];
  for (const one of chosen) {
    const folder = chosen.length === 1 ? out : join(out, one.name);
    makeFolder(folder, "name another by --out");
    const numbers = await numbersOf(one, ask, { now, retentionDays });
    await writeFile(join(folder, "telemetry.json"), `${JSON.stringify(numbers, null, 2)}\n`);
    const page = join(folder, "index.html");
    await writeFile(page, pageOf(numbers));
    pages.push(page);
  }
  return pages;
}

/**
 * Asks a running collector.
 * @throws SettingsError where it wants another token, ToldError where it doesn't answer.
 */
export function askCollector(url: string, token: string | undefined): Ask {
  const base = url.endsWith("/") ? url : `${url}/`;
  if (!/^https?:/.test(url) || !URL.canParse(base)) {
    throw new SettingsError(`--from ${url}: say an address such as http://127.0.0.1:4817.`);
  }
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return async <T>(path: string) => {
    const answer = await fetch(new URL(`api/v1/${path}`, base), { headers }).catch(() => {
      throw new ToldError(`No collector answers at ${url}: start it, or say where by --from.`);
    });
    if (answer.status === 401) {
      const problem = token === undefined ? "wants a token" : "wants another token";
      throw new SettingsError(`The collector at ${url} ${problem}: pass it in COLLECTOR_TOKEN.`);
    }
    const body = (await answer.json().catch(() => undefined)) as
      | (T & Partial<ErrorAnswer>)
      | undefined;
    if (!answer.ok || body === undefined) {
      // Of a page below it, too, which has no such address.
      throw new ToldError(
        (answer.status === 404 ? undefined : body?.error) ??
          `What is at ${url} answered ${answer.status}, and not as a collector does: say where one is by --from.`,
      );
    }
    return body;
  };
}
