/** What the demo has printed, as an SVG that looks like the terminal it came from. */

const FONT_SIZE = 13;
/** Of a character, in most monospaced fonts; `textLength` makes it so in the others. */
const ADVANCE = FONT_SIZE * 0.6;
const LINE_HEIGHT = 19;
const PADDING = 24;
const BAR = 36;

/** Select graphic rendition: what starts a style, and what ends it. */
const classes = { 1: "bold", 2: "dim", 32: "green" };
const isEnd = (code) => code === "22" || code === "39";

const styles = `
  text { font: ${FONT_SIZE}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
  .window { fill: #fff; stroke: #d1d9e0 } .bar { fill: #d1d9e0 }
  .bold { font-weight: 600 } .dim { fill: #59636e } .green { fill: #1a7f37; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .window { fill: #0d1117; stroke: #3d444d } .bar { fill: #3d444d }
    .dim { fill: #9198a1 } .green { fill: #3fb950 }
  }`;

export function picture(printed) {
  const lines = ["$ npm start", ...printed.join("\n").split("\n")].map(pieces);
  const columns = Math.max(...lines.flat().map(({ column, text }) => column + text.length));
  const width = Math.ceil(2 * PADDING + columns * ADVANCE);
  const height = BAR + lines.length * LINE_HEIGHT + PADDING;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>The end of npm start: ${escaped(lines.at(-1)[0].text)}</title>
<style>${styles}
</style>
<rect class="window" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${[0, 1, 2].map((dot) => `<circle class="bar" cx="${PADDING + dot * 18}" cy="18" r="5.5"/>`).join("")}
${lines.flatMap((line, row) => line.map((piece) => element(piece, row))).join("\n")}
</svg>
`;
}

/** A line's text, cut where the style changes and at wide gaps, so that columns stay in place. */
function pieces(line) {
  const found = [];
  let column = 0;
  let name;
  for (const [index, part] of line.split("\u001b[").entries()) {
    const [, code, text] = index === 0 ? [undefined, undefined, part] : /^(\d+)m(.*)$/.exec(part);
    if (code) name = isEnd(code) ? undefined : classes[code];
    for (const { 0: words, index: start } of text.matchAll(/\S+(?: \S+)*/g)) {
      found.push({ column: column + start, text: words, name });
    }
    column += text.length;
  }
  return found;
}

function element({ column, text, name }, row) {
  const x = round(PADDING + column * ADVANCE);
  const y = BAR + (row + 1) * LINE_HEIGHT - 5;
  const style = name ? ` class="${name}"` : "";
  return `<text x="${x}" y="${y}" textLength="${round(text.length * ADVANCE)}"${style}>${escaped(text)}</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
