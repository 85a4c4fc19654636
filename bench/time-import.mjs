// `node time-import.mjs <file>`: how long its import takes, in milliseconds.
const file = (await import("node:url")).pathToFileURL(process.argv[2]).href;
const startedAt = performance.now();
await import(file);
process.stdout.write(String(performance.now() - startedAt));
