import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";

/** The app that is built, with nothing of telemetry in it. */
export default {
  // The version is the time of the build if it isn't set: two builds would differ.
  plugins: [sveltekit({ adapter: adapter(), version: { name: "1.0.0" } })],
};
