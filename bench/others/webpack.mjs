// `node webpack.mjs <folder> <plain | posthog | datadog | codecov>`: the example's webpack build.
import webpack from "webpack";
import config from "../../examples/webpack/webpack.config.mjs";

const [folder, peer] = process.argv.slice(2);

/** As their pages say, with nothing else turned on. */
const plugins = {
  plain: async () => [],
  posthog: async () => [await posthog()],
  datadog: async () => {
    const { datadogWebpackPlugin } = await import("@datadog/webpack-plugin");
    return [datadogWebpackPlugin({ auth: { apiKey: "0" }, metrics: { enable: true } })];
  },
  codecov: async () => {
    const { codecovWebpackPlugin } = await import("@codecov/webpack-plugin");
    const uploadOverrides = { branch: "main", build: "1", sha: "0".repeat(40), slug: "acme/app" };
    const uploadToken = "00000000-0000-0000-0000-000000000000";
    return [
      codecovWebpackPlugin({
        ...{ enableBundleAnalysis: true, bundleName: "app", gitService: "github" },
        ...{ uploadToken, uploadOverrides },
      }),
    ];
  },
};

/** A product's own plugin: one event a build, and the end that posthog-node asks for. */
async function posthog() {
  const { PostHog } = await import("posthog-node");
  const client = new PostHog("phc_0");
  return {
    apply(compiler) {
      compiler.hooks.done.tap("posthog", ({ startTime, endTime }) => {
        const properties = { success: true, duration: endTime - startTime, bundler: "webpack" };
        client.capture({ distinctId: "0", event: "build:completed", properties });
      });
      compiler.hooks.shutdown.tapPromise("posthog", () => client.shutdown());
    },
  };
}

const compiler = webpack({
  ...config,
  output: { path: folder },
  plugins: await plugins[peer](),
});
compiler.run((error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString("errors-only"));
  compiler.close((failure) => {
    if (failure) throw failure;
  });
});
