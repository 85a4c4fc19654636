/** As SQL has text. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** As SQL has a name. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
