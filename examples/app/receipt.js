import { money } from "./money.js";

export function printReceipt({ lines }) {
  for (const { product, count, cents } of lines) console.log(`${count} × ${product}`, money(cents));
  console.log("total", money(lines.reduce((total, { cents }) => total + cents, 0)));
}
