/** The app that is built, with nothing of telemetry in it. */
export default {
  compatibilityDate: "2026-01-01",
  // So that two builds are the same.
  buildId: "acme",
};
