/** The site that is built, with nothing of telemetry in it. */
export default {};
