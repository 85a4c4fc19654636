/** Requests a second over time, as an SVG that follows the reader's theme. */
const size = { width: 820, height: 380, left: 56, right: 20, top: 54, bottom: 34 };

export function picture({ bucket, capacity, installations, outage, results }) {
  const shown = results.filter(({ name }) => name !== "once");
  const most = Math.max(capacity, ...shown.flatMap(({ load }) => load)) * 1.15;
  // The first day only shows how a day goes.
  const [from, to] = [24 * 3600, 72 * 3600];
  const x = (second) =>
    size.left + ((second - from) / (to - from)) * (size.width - size.left - size.right);
  const y = (value) =>
    size.height - size.bottom - (value / most) * (size.height - size.top - size.bottom);
  const path = (load) => {
    const points = load
      .map((value, i) => [i * bucket, value])
      .filter(([at]) => at >= from && at <= to);
    return `M${points.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`;
  };
  const lines = shown.map(
    ({ load, name }, i) => `<path class="s${i}" d="${path(load)}"><title>${name}</title></path>`,
  );
  const legend = shown.map(
    ({ name }, i) =>
      `<g transform="translate(${size.left + i * 150} 34)"><path class="s${i}" d="M0 -4H22"/><text x="28">${name === "normal" ? "sendoff, no outage" : name}</text></g>`,
  );
  const hours = [];
  for (let at = from; at <= to; at += 6 * 3600) {
    hours.push(
      `<text x="${x(at)}" y="${size.height - 12}" text-anchor="middle">${String((at / 3600) % 24).padStart(2, "0")}:00</text>`,
    );
  }
  const step = niceStep(most);
  const ticks = [];
  for (let value = 0; value < most; value += step) {
    ticks.push(
      `<path class="grid" d="M${size.left} ${y(value)}H${size.width - size.right}"/><text x="${size.left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString("en")}</text>`,
    );
  }
  const title = `Requests a second from ${installations.toLocaleString("en")} installations, around six hours without an endpoint`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img"><title>${title}</title><style>
  svg { --ink: #1f2328; --muted: #6e7781; --soft: #eaeef2; --a: #8c959f; --b: #1a7f37; --c: #9a6700; --d: #cf222e; font: 12px system-ui, sans-serif }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --muted: #9198a1; --soft: #21262d; --a: #656c76; --b: #3fb950; --c: #d29922; --d: #f85149 } }
  text { fill: var(--muted) } .title { fill: var(--ink); font-weight: 600 } path { fill: none; stroke-width: 1.5 }
  .grid { stroke: var(--soft); stroke-width: 1 } .s0 { stroke: var(--a); stroke-dasharray: 3 3 } .s1 { stroke: var(--b); stroke-width: 2 } .s2 { stroke: var(--c) } .s3 { stroke: var(--d) }
  .down { fill: var(--soft) } .capacity { stroke: var(--muted); stroke-dasharray: 6 4 }
</style>
<text class="title" x="${size.left}" y="16">${title}</text>
<rect class="down" x="${x(outage.from)}" y="${size.top}" width="${x(outage.to) - x(outage.from)}" height="${size.height - size.top - size.bottom}"/>
${ticks.join("\n")}
<path class="capacity" d="M${size.left} ${y(capacity)}H${size.width - size.right}"/><text x="${size.width - size.right}" y="${y(capacity) - 6}" text-anchor="end">what it can answer</text>
${lines.reverse().join("\n")}
<text x="${(x(outage.from) + x(outage.to)) / 2}" y="${size.top + 14}" text-anchor="middle">down</text>
${legend.join("\n")}
${hours.join("\n")}
</svg>
`;
}

function niceStep(most) {
  const rough = most / 6;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((n) => n * magnitude).find((n) => n >= rough);
}
