import path from "node:path";
import { nodes, type Runtime } from "../platforms/runtimes.ts";
import { withPreset } from "./xmcp-preset.ts";

/** What the examples are built with, each by its own command line. */
export interface Framework {
  name: string;
  /** The folder of the example. @default its name */
  example?: string;
  /** The command, in the example's `node_modules`, and its arguments. */
  command: [file: string, ...args: string[]];
  /** The file that telemetry is added to; beside it is `<name>.plain.mjs`, without. */
  config: string;
  /** Adds it, where that file is not the example's own and comes without. */
  adopt?: (plain: string) => string;
  /** Whose telemetry it is, and what exports it. @default acme's, in the example's `telemetry.mjs` */
  product?: { name: string; module: string };
  /** What a build leaves: its output, and what it would warm the next one with. */
  output: string;
  leaves: string[];
  /** Where Node is older than a framework takes, its builds run on a newer one. */
  node?: Runtime;
  env?: Record<string, string>;
  /** Of builds without telemetry. */
  plainEnv?: Record<string, string>;
  /** A page that can't be bundled, and one that can, but not rendered. */
  broken: [file: string, content: string];
  unrendered?: [file: string, content: string];
  /** What its events say, of whatever build. */
  says: Record<string, unknown>;
  /** Of a build that failed. @default 1 */
  exitCode?: number;
  /** What the event says of the broken page. */
  failure: { errorPhase: string; errorType: string };
  /** Of its output, what isn't the same twice, made the same. */
  settled?: (content: string, file: string) => string;
  /** Files that are logs of the build. */
  logs?: RegExp;
}

const isModern = Number.parseInt(process.versions.node, 10) >= 22;
const newer = nodes.find(({ title }) => title.endsWith(" 22")) as Runtime;
const modern = isModern ? {} : { node: newer };
const unresolved = { errorPhase: "resolve", errorType: "UNRESOLVED_IMPORT" };
const importsNothing = 'import "./discount.js";\n';
/** By no other word than this one. */
const xmcpsOwnIsOff = { XMCP_TELEMETRY_DISABLED: "true" };
const throws = 'throw new TypeError("discount");\n';

const bundledBy = (bundler: string) => ({
  bundler,
  mode: "production",
  watch: false,
  productVersion: "1.1.3",
});

export const next: Framework = {
  name: "next",
  command: ["next/dist/bin/next", "build"],
  config: "next.config.mjs",
  output: ".next",
  leaves: [],
  env: {
    NEXT_TELEMETRY_DISABLED: "1",
    // Random, if it isn't given.
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: Buffer.alloc(32, "acme").toString("base64"),
  },
  broken: ["app/broken/page.jsx", `${importsNothing}export default () => null;\n`],
  unrendered: ["app/broken/page.jsx", `export default () => {\n  ${throws}};\n`],
  says: bundledBy("turbopack"),
  failure: { errorPhase: "compile", errorType: "UnknownError" },
  // The preview mode's keys are random.
  settled: (content) => content.replace(/(previewMode\w+"):\s*"[^"]+"/g, "$1"),
  logs: /^(trace|trace-build|cache\/.*|diagnostics\/.*)$/,
};

export const xmcp: Framework = {
  name: "xmcp",
  command: ["xmcp/dist/cli.js", "build"],
  config: "xmcp.config.ts",
  output: "dist",
  leaves: [".xmcp"],
  env: xmcpsOwnIsOff,
  broken: ["src/tools/broken.ts", importsNothing],
  says: bundledBy("rspack"),
  exitCode: 0,
  failure: { errorPhase: "resolve", errorType: "ModuleNotFoundError" },
};

/** xmcp as it would be with the preset in place of its own telemetry module. */
export const xmcpPreset: Framework = {
  ...xmcp,
  name: "xmcp-preset",
  example: "xmcp",
  config: "node_modules/@xmcp-dev/compiler/dist/cli.js",
  adopt: withPreset,
  product: { name: "xmcp", module: "sendoff/xmcp" },
  env: {},
  plainEnv: xmcpsOwnIsOff,
  says: {
    reactToolsCount: 0,
    promptsCount: 0,
    resourcesCount: 0,
    transport: "stdio",
    adapter: "none",
    xmcpVersion: "1.1.3",
    productVersion: "1.1.3",
  },
  // xmcp names the file instead of the error, and the preset doesn't.
  failure: { errorPhase: "webpack", errorType: "UnknownError" },
};

const all: Framework[] = [
  next,
  {
    name: "astro",
    command: ["astro/bin/astro.mjs", "build"],
    config: "astro.config.mjs",
    output: "dist",
    leaves: [".astro", "node_modules/.astro", "node_modules/.vite"],
    ...modern,
    env: { ASTRO_TELEMETRY_DISABLED: "1" },
    broken: ["src/pages/broken.astro", `---\n${importsNothing}---\n`],
    unrendered: ["src/pages/broken.astro", `---\n${throws}---\n`],
    says: bundledBy("vite"),
    failure: unresolved,
  },
  {
    name: "vite-app",
    command: ["vite/bin/vite.js", "build"],
    config: "vite.config.mjs",
    output: "dist",
    leaves: [],
    broken: ["src/main.js", importsNothing],
    says: bundledBy("vite"),
    failure: unresolved,
  },
  {
    name: "sveltekit",
    command: ["vite/bin/vite.js", "build"],
    config: "vite.config.mjs",
    output: "build",
    leaves: [".svelte-kit"],
    ...modern,
    broken: ["src/routes/broken/+page.svelte", `<script>${importsNothing}</script>\n`],
    unrendered: ["src/routes/broken/+page.svelte", `<script>${throws}</script>\n`],
    says: bundledBy("vite"),
    failure: unresolved,
  },
  xmcp,
  xmcpPreset,
  {
    name: "nuxt",
    command: ["@nuxt/cli/bin/nuxi.mjs", "build"],
    config: "nuxt.config.mjs",
    output: ".output",
    leaves: [".nuxt", "node_modules/.cache"],
    ...modern,
    env: { NUXT_TELEMETRY_DISABLED: "1" },
    broken: ["app/pages/broken.vue", `<script setup>\n${importsNothing}</script>\n`],
    says: bundledBy("vite"),
    failure: unresolved,
    // Nitro notes when it built, and lists files in the order in which they were ready.
    settled: (content) =>
      content
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|(?<="timestamp":)\d+|(?<="etag": )".*"/g, "<then>")
        .split(/,?\n/)
        .sort()
        .join("\n"),
  },
  {
    name: "storybook",
    command: ["storybook/dist/bin/dispatcher.js", "build"],
    config: "vite.config.mjs",
    output: "storybook-static",
    leaves: ["node_modules/.cache"],
    env: { STORYBOOK_DISABLE_TELEMETRY: "1" },
    broken: [
      "src/broken.stories.js",
      `${importsNothing}export default { title: "Broken" };\nexport const One = {};\n`,
    ],
    says: bundledBy("vite"),
    failure: unresolved,
    settled: (content) => content.replace(/(?<="(generatedAt|userSince)":)\d+/g, "<then>"),
  },
];

/** `FRAMEWORKS=next,astro` picks some. */
const wanted = process.env.FRAMEWORKS?.split(",");
export const isWanted = ({ name }: Framework) => wanted?.includes(name) ?? true;
export const frameworks = all.filter(isWanted);

export const examples = path.join(import.meta.dirname, "..", "..", "examples");
