import { stripVTControlCharacters, styleText } from "node:util";

/** How the demo prints: always with styles, which are taken out where nobody sees them. */

/** A width that fits into most terminals. */
const WIDTH = 98;

const style = (format) => (text) => styleText(format, text, { validateStream: false });

export const bold = style("bold");
export const dim = style("dim");
export const green = style("green");
const yellow = style("yellow");
const cyan = style("cyan");

const isTerminal = process.stdout.isTTY === true;
/** Knows NO_COLOR. */
const hasColors = isTerminal && process.stdout.hasColors();

/** Prints it, and returns it with its styles. */
export function tell(text) {
  hideProgress();
  process.stdout.write(`${hasColors ? text : stripVTControlCharacters(text)}\n`);
  return text;
}

/** The same with a headline. */
export function section(headline, ...lines) {
  return tell(["", bold(headline), ...lines].join("\n"));
}

/** One line that the next one replaces; nothing where the output goes to a file. */
export function progress(text) {
  if (isTerminal) process.stdout.write(`\r\u001b[2K  ${text} …`);
}

function hideProgress() {
  if (isTerminal) process.stdout.write("\r\u001b[2K");
}

/** Says what went wrong, on stderr. */
export function complain(text) {
  hideProgress();
  console.error(styleText("red", text, { validateStream: true, stream: process.stderr }));
}

/** Rows of cells below a head; cells that begin with a digit are aligned to the right. */
export function table(head, rows) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column].length)),
  );
  const isNumeric = head.map((_, column) => rows.every((cells) => /^\d/.test(cells[column])));
  const line = (cells) =>
    cells
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("   ")
      .trimEnd();
  return [dim(`  ${line(head)}`), ...rows.map((cells) => `  ${line(cells)}`)];
}

/** JSON in colour that fills its lines, where JSON.stringify takes one for each value. */
export function json(value, indent = "  ") {
  const text = indent + filled(value, indent);
  return text.replace(
    /("[^"]*")(:?)|\b(?:true|false|null|-?[\d.]+)\b/g,
    (literal, string, colon) => {
      if (!string) return yellow(literal);
      return colon ? cyan(string) + colon : green(string);
    },
  );
}

function filled(value, indent) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = Object.entries(value).map(
    ([key, part]) => (isList ? "" : `${JSON.stringify(key)}: `) + filled(part, inner),
  );
  const [open, close] = isList ? "[]" : "{}";
  const lines = [];
  for (const part of parts) {
    const longer = lines.length > 0 && `${lines.at(-1)}, ${part}`;
    if (longer && !longer.includes("\n") && inner.length + longer.length < WIDTH) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(part);
    }
  }
  const [only = "", ...others] = lines;
  const inOne = `${indent}${open} ${only} ${close}`;
  if (others.length === 0 && !only.includes("\n") && inOne.length < WIDTH) return inOne.trimStart();
  return `${open}\n${lines.map((line) => inner + line).join(",\n")}\n${indent}${close}`;
}
