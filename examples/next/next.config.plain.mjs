/** The app that is built, with nothing of telemetry in it. */
export default {
  // So that two builds are the same.
  generateBuildId: () => "acme",
};
