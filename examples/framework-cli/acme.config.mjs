// What a user of acme writes. `telemetry: false` turns it off for the project.
export default {
  entry: "src/index.js",
};
