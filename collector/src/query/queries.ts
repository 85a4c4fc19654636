import type { Product } from "../definitions/product.ts";
import type { Reader } from "../store/store.ts";
import { type Asking, read } from "./answer.ts";
import { createAnswers, type KeptAnswer } from "./answers.ts";
import type { DistributionAnswer, NewSinceAnswer, ProductsAnswer, QueryAnswer } from "./api.ts";
import { closedAnswerOf } from "./closed-answer.ts";
import { addDays, dayOf, firstKept } from "./days.ts";
import { type Dimension, dimensionsOf, isManyValued, summaryOf } from "./dimensions.ts";
import { distributionOf } from "./distribution.ts";
import { longAnswerOf } from "./long-answer.ts";
import { type NewSince, newSince } from "./new-since.ts";
import { closedPeriod } from "./period.ts";
import { type Catalog, type Question, QuestionError } from "./question.ts";
import { stampSql } from "./sql.ts";

/** Asks a store's reader, keeps answers while their data is the same. */

export interface QuerySettings {
  reader: Reader;
  /** All definitions of all products, the newest of each last; asked anew each time. */
  products: () => readonly Product[];
  /**
   * Installations that stand behind a group, at least.
   * @default 10
   */
  k?: number;
  /**
   * Days that raw events are kept.
   * @default 90
   */
  retentionDays?: number;
  /**
   * Events of a period above which its different installations and projects by day are approximate.
   * @default 1_000_000
   */
  exactUpTo?: number;
  /**
   * Milliseconds that one question may take.
   * @default 20_000
   */
  timeLimitMs?: number;
  /**
   * Milliseconds from which on a question takes long.
   * @default 200
   */
  slowMs?: number;
  /**
   * Milliseconds within which an answer that took long is given out without a look at its data: where
   * somebody renews them.
   * @default 0
   */
  staleMs?: number;
  /** What another has kept of the same data. */
  kept?: readonly KeptAnswer[];
  /** @default Date.now */
  now?: () => number;
}

/** Of today, new rows come all the time. */
const FRESH_TODAY_MS = 10_000;
const FRESH_CLOSED_MS = 60_000;

export interface Ask {
  signal?: AbortSignal | undefined;
  tag?: string | undefined;
  /** Whatever is kept, it is asked. */
  isRenewal?: boolean | undefined;
}

export class Queries {
  readonly k: number;
  readonly retentionDays: number;
  readonly now: () => number;
  readonly #settings: QuerySettings;
  readonly #answers: ReturnType<typeof createAnswers>;

  constructor(settings: QuerySettings) {
    this.#settings = settings;
    this.k = settings.k ?? 10;
    this.retentionDays = settings.retentionDays ?? 90;
    this.now = settings.now ?? Date.now;
    const { timeLimitMs = 20_000, slowMs, staleMs, kept } = settings;
    this.#answers = createAnswers({ timeLimitMs, slowMs, staleMs, kept, now: this.now });
  }

  get reader(): Reader {
    return this.#settings.reader;
  }

  catalogs(): Map<string, Catalog & { dimensions: Dimension[]; hasNoIds: boolean }> {
    const { hasLists } = this.reader.dialect;
    const catalogs = new Map();
    for (const { name } of this.#settings.products()) {
      if (!catalogs.has(name)) {
        const its = this.#settings.products().filter((product) => product.name === name);
        catalogs.set(name, {
          dimensions: dimensionsOf(its).filter((one) => hasLists || !isManyValued(one)),
          events: [...new Set(its.flatMap(({ definitions }) => Object.keys(definitions.events)))],
          hasNoIds: its.some(({ identity }) => identity === "none"),
        });
      }
    }
    return catalogs;
  }

  async products(ask: Ask = {}): Promise<ProductsAnswer> {
    const { value } = await this.#answers.get("products", {
      ...ask,
      freshMs: FRESH_TODAY_MS,
      stampOf: async () => String(this.now()),
      work: (signal) => this.#spans(signal),
    });
    const events = new Map<string, Map<string, string>>();
    for (const { name, definitions } of this.#settings.products()) {
      const its = events.get(name) ?? new Map();
      for (const [event, { description }] of Object.entries(definitions.events)) {
        its.set(event, description);
      }
      events.set(name, its);
    }
    return {
      k: this.k,
      retentionDays: this.retentionDays,
      products: [...this.catalogs()].map(([name, { dimensions }]) => ({
        name,
        firstDay: value[name]?.first ?? null,
        lastDay: value[name]?.last ?? null,
        dimensions: dimensions.map(summaryOf),
        events: [...(events.get(name) ?? [])].map(([event, description]) => ({
          name: event,
          description,
        })),
      })),
    };
  }

  async #spans(signal: AbortSignal): Promise<Record<string, { first: string; last: string }>> {
    const { reader } = this.#settings;
    const { dialect } = reader;
    const rows = await reader.rows(
      `SELECT product, ${dialect.text("min(day)")} AS first, ${dialect.text("max(day)")} AS last
       FROM ${dialect.events} GROUP BY product`,
      {},
      signal,
    );
    return Object.fromEntries(
      rows.map(({ product, first, last }) => [
        String(product),
        { first: String(first), last: String(last) },
      ]),
    );
  }

  async query(question: Question, ask: Ask = {}): Promise<QueryAnswer> {
    const isLong = question.from < this.#firstKept();
    const kept = await this.keep("query", question, ask, (asking) =>
      isLong ? answeredLong(question, asking) : closedAnswerOf(question, asking),
    );
    const { period, table } = kept.value;
    const { product } = question;
    return { product, ...period, asOf: new Date(kept.asOf).toISOString(), k: this.k, ...table };
  }

  async distribution(
    question: Question,
    { field, bins }: { field: Dimension; bins: number },
    ask: Ask = {},
  ): Promise<DistributionAnswer> {
    if (question.from < this.#firstKept()) {
      throw new QuestionError(
        `from=${question.from} is before ${this.#firstKept()}, and a distribution needs raw events, which are kept ${this.retentionDays} days: ask for fewer days.`,
      );
    }
    const kept = await this.keep(
      `distribution ${field.name} ${bins}`,
      question,
      ask,
      async (asking) => {
        const closed = await closedPeriod(question, asking);
        const { from, to } = closed ?? question;
        const asked = { ...question, from, to };
        return { from, to, series: closed ? await distributionOf(asked, field, bins, asking) : [] };
      },
    );
    const { from, to, series } = kept.value;
    const asOf = new Date(kept.asOf).toISOString();
    const unit = field.unit && { unit: field.unit };
    return {
      product: question.product,
      from,
      to,
      asOf,
      k: this.k,
      field: field.name,
      ...unit,
      series,
    };
  }

  /** Errors that no version before one had: of days that raw events are kept for. */
  async newSince(question: Question, asked: NewSince, ask: Ask = {}): Promise<NewSinceAnswer> {
    const first = this.#firstKept();
    const from = question.from < first ? first : question.from;
    // What came before is looked for in all events there are.
    const stamped = { ...question, from: first };
    const kept = await this.keep(`new ${asked.since} ${from}`, stamped, ask, (asking) =>
      newSince({ ...question, from }, asked, asking),
    );
    const asOf = new Date(kept.asOf).toISOString();
    return { product: question.product, asOf, k: this.k, ...kept.value };
  }

  /** After an erasure: no answer may have the events any more. */
  forget(): void {
    this.#answers.forget();
  }

  /** Answers that took long, to be given to another: `kept`. */
  slow(): KeptAnswer[] {
    return this.#answers.slow();
  }

  #firstKept(): string {
    return firstKept(this.now(), this.retentionDays);
  }

  /** An answer is kept until rows of its days have come or gone. */
  keep<T>(
    kind: string,
    question: Question,
    ask: Ask,
    work: (asking: Asking) => Promise<T>,
  ): Promise<{ value: T; asOf: number }> {
    const { reader, exactUpTo = 1_000_000 } = this.#settings;
    const hasNoIds = this.catalogs().get(question.product)?.hasNoIds === true;
    const asking = { reader, k: this.k, hasNoIds, events: 0, exactUpTo };
    const isClosed = question.to < addDays(dayOf(this.now()), -1);
    return this.#answers.get(`${kind} ${JSON.stringify(question)}`, {
      ...ask,
      freshMs: isClosed ? FRESH_CLOSED_MS : FRESH_TODAY_MS,
      stampOf: async (signal) => {
        const [stamp] = await read({ ...asking, signal }, stampSql(reader.dialect, question));
        asking.events = Number(stamp?.n);
        return JSON.stringify(stamp);
      },
      work: (signal) => work({ ...asking, signal }),
    });
  }
}

async function answeredLong(question: Question, asking: Asking) {
  const { from, to } = question;
  return { period: { from, to }, table: await longAnswerOf(question, asking) };
}
