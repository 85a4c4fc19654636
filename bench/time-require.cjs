// `node time-require.cjs <file>`: how long its require takes, in milliseconds.
const { performance } = globalThis;
const startedAt = performance.now();
require(process.argv[2]);
process.stdout.write(String(performance.now() - startedAt));
