// The main job as a demo: `npm start`. Real builds of the two examples, with and without telemetry,
// against endpoints on this machine. Exits with 0 only if every event was delivered and no build
// waited. `npm start -- --svg docs/demo.svg` also makes the README's picture of it.
try {
  const { demo } = await import("./demo/story.mjs");
  process.exitCode = await demo(process.argv.slice(2));
} catch (error) {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.error(
    `${error.message}\nSomething is not installed or not built yet: npm ci && npm start`,
  );
  process.exitCode = 1;
}
