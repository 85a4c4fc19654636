/**
 * The collector under load, beside a bare `node:http` server that reads the body, parses it and
 * answers 202: one after the other, again and again, by the same generator, wrk.
 *
 *     node collector/bench/load.mjs [--seconds 20] [--runs 5] [--connections 128] [--events 1,20]
 *       [--big telemetry.db] [--soak 20] [--profile]
 *
 * `--big`: a database of 10 million events (`ten-million.mjs` makes one), which is copied; the same is
 * measured on it. `--soak`: minutes of 500 requests a second with a reader that polls, in place of the
 * rest. `--profile`: writes a .cpuprofile of the collector's last run.
 */
import { parseArgs } from "node:util";
import { bodyOf, load } from "./load/generator.mjs";
import { startBare, startCollector } from "./load/servers.mjs";
import { soak } from "./load/soak.mjs";
import { describeMachine, median, table } from "./report.mjs";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    runs: { type: "string", default: "5" },
    connections: { type: "string", default: "128" },
    events: { type: "string", default: "1,20" },
    big: { type: "string" },
    soak: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});

console.log(describeMachine());
if (options.soak) {
  await soak({ minutes: Number(options.soak), big: options.big });
} else {
  for (const events of options.events.split(",").map(Number)) {
    await compare(events, undefined);
    if (options.big) await compare(events, options.big);
  }
}

async function compare(events, big) {
  const body = await bodyOf(events);
  const seconds = Number(options.seconds);
  const connections = Number(options.connections);
  const results = { bare: [], collector: [] };
  const runs = Number(options.runs);
  const start = { bare: startBare, collector: ({ profile }) => startCollector({ big, profile }) };
  for (let run = 1; run <= runs; run += 1) {
    for (const name of ["bare", "collector"]) {
      const server = await start[name]({ profile: options.profile && run === runs });
      try {
        await load({ url: server.url, body, seconds: 1, connections });
        const before = server.processorSeconds();
        const result = await load({ url: server.url, body, seconds, connections });
        const used = server.processorSeconds() - before;
        results[name].push({ ...result, processor: (used / result.requests) * 1e6 });
        if (result.refused > 0 || result.broken > 0) {
          console.log(`${name}: ${result.refused} refused, ${result.broken} broken`);
        }
      } finally {
        await server.stop();
      }
    }
  }
  const of = (name, measure) => median(results[name].map((result) => result[measure]));
  const ratios = results.collector.map(({ rate }, run) => rate / results.bare[run].rate);
  const place = big ? "on a store with 10 million events" : "on an empty store";
  console.log(
    `\n${events} event${events > 1 ? "s" : ""} a request, ${connections} connections, ${place}:`,
  );
  console.log(`median of ${runs} runs of ${seconds} s\n`);
  const row = (name) => [
    name,
    Math.round(of(name, "rate")),
    Math.round(of(name, "rate") * events),
    of(name, "p50").toFixed(1),
    of(name, "p99").toFixed(1),
    Math.round(of(name, "longest")),
    Math.round(of(name, "processor")),
  ];
  console.log(
    table(
      ["", "requests/s", "events/s", "p50 ms", "p99 ms", "longest ms", "processor, µs a request"],
      [row("bare"), row("collector")],
    ),
  );
  const share = (ratio) => `${Math.round(ratio * 100)} %`;
  console.log(
    `\nthe collector answers ${share(median(ratios))} of the bare server's requests (${ratios.map(share).join(", ")})`,
  );
}
