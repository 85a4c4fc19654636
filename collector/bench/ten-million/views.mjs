import { importSource } from "../bundled.mjs";

const { Queries } = await importSource("query/queries");
const { parseQuestion } = await importSource("query/question");
const { demoSchema } = await importSource("demo/product");
const { readProduct } = await importSource("definitions/product");

const product = readProduct(demoSchema(), "the demo's schema");

/** What the dashboard's views ask the query API, as their addresses say it. */
const questions = {
  "builds by day": "by=day&measure=builds,failures,successRate",
  "installations and projects": "measure=installations,projects",
  "installations by day": "by=day&measure=installations",
  "percentiles by day": "by=day&measure=p50,p75,p95,p99",
  "builds by place": "by=place&measure=builds",
  "percentiles by version": "by=productVersion&measure=builds,p50,p95",
  "percentiles by bundler and platform": "by=bundler,platform&measure=p50,p95",
  "failures by phase and type":
    "by=errorPhase,errorType&measure=failures,installationsHit&event=build:failed",
  "failures by version and type": "by=productVersion,errorType&measure=failures&event=build:failed",
  "installations by platform": "by=platform&measure=builds,installations",
  "installations by Node": "by=nodeVersion&measure=builds,installations",
  "versions by day": "by=day,productVersion&measure=builds",
  "a field of the product": "by=toolsCount&measure=builds,installations",
  "a list of the product": "by=features&measure=builds,installations",
  "one bundler and mode by day": "by=day&measure=builds&where.bundler=vite&where.mode=production",
};

const daysBack = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

const ask = (address, from, to) => (reader) => {
  // A new one each time: it keeps answers.
  const queries = new Queries({ reader, products: () => [product], timeLimitMs: 120_000 });
  const search = new URLSearchParams(
    `product=acme&from=${daysBack(from)}&to=${daysBack(to)}&${address}`,
  );
  return queries.query(parseQuestion(search, queries.catalogs(), new Date()));
};

const view = (from, to) =>
  Object.fromEntries(
    Object.entries(questions).map(([name, address]) => [name, ask(address, from, to)]),
  );

export const views = {
  "30 days": view(29, 0),
  "the 30 before": view(59, 30),
  "90 days": view(89, 0),
};
