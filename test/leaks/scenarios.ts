import { canary } from "./canaries.ts";
import { entryFile, type Files } from "./project.ts";

/** A project of a user, and whether its build fails. */
export interface Scenario {
  name: string;
  fails: boolean;
  files: Files;
  /** Further arguments of the product. */
  args: readonly string[];
}

/** What this one changes in a project whose build goes well. */
interface Change {
  /** Methods of `hooks` in the project's configuration: start, resolve(id), load(file), end. */
  hooks?: string;
  /** Code above the configuration's export. */
  above?: string;
  /** Other files of the project. */
  files?: Files;
  /** In place of the entry's code. */
  source?: string;
  /** The bundler's own options, by the bundler; others have no such thing. */
  options?: Record<string, string>;
  args?: readonly string[];
  /** Bundlers for which it is no failure. */
  completes?: readonly string[];
}

const { message, errorclass, errorcode, errorfile, source, module, identifier, plugin } = canary;
const text = `${message} in ${errorfile}`;

/** What the user's own code, a loader or a plugin of theirs, does as it loads a module. */
const loads: Record<string, string> = {
  "throws an error": `throw new Error("${text}")`,
  "throws a string": `throw "${text}"`,
  "throws an object": `throw { ${canary.option}: "${text}", message: "${text}", code: "${errorcode}" }`,
  "throws null": "throw null",
  "throws nothing": "throw undefined",
  "throws a number": "throw 404",
  "throws a symbol": `throw Symbol("${message}")`,
  "throws a function": `throw function ${identifier}() {}`,
  "throws a class of its own": `throw new (class ${errorclass} extends Error {})("${text}")`,
  "throws a class of its own, of a listed kind": `throw new (class ${errorclass} extends TypeError {})("${text}")`,
  "throws an error with a name": `throw Object.assign(new Error("${text}"), { name: "${errorclass}" })`,
  "throws an error with a code": `throw Object.assign(new Error("${text}"), { code: "${errorcode}" })`,
  "throws an error with a cause": `throw new Error("${text}", { cause: new TypeError("${text}") })`,
  "throws a circle of causes": `const error = new Error("${text}"); error.cause = error; throw error`,
  "throws many errors": `throw new AggregateError([new Error("${text}"), "${text}"], "${text}")`,
  "throws a proxy": `throw new Proxy({}, { get() { throw new Error("${text}") } })`,
  "throws an error whose getters throw": `throw Object.defineProperty(new Error("x"), "code", { get() { throw new Error("${text}") } })`,
  "throws a message without an end": `throw new Error("${text} ".repeat(10_000))`,
  "throws what looks like a listed class": `throw new Error("TypeError: ${text}\\n    at ${identifier} (${errorfile}.js:1:1)")`,
  "throws what looks like a bundler's message": `throw new Error('Could not resolve "${text}"')`,
  "throws what looks like a class of its own": `throw new Error("${errorclass}: ${text}")`,
  "rejects with a string": `return Promise.reject("${text}")`,
  "finds a type error": `throw Object.assign(new Error("TS2322: Type '${identifier}' is not assignable to type '${errorclass}'."), { file: "${errorfile}" })`,
  "finds a type error, as TypeScript has it": `throw { code: 2322, category: 1, messageText: "${text}", file: { fileName: "${errorfile}" } }`,
  "can't parse, as Babel has it": `throw Object.assign(new SyntaxError("/${errorfile}.js: ${text} (1:2)"), { code: "BABEL_PARSE_ERROR", reasonCode: "${errorcode}", codeFrame: "${source}" })`,
  "can't parse, as PostCSS has it": `throw Object.assign(new Error("${errorfile}.css:1:1: ${text}"), { name: "CssSyntaxError", source: "${source}", file: "${errorfile}.css", plugin: "${plugin}" })`,
  "can't parse JSON": `JSON.parse("${source}")`,
  "finds a schema's issues": `throw Object.assign(new Error("${text}"), { name: "ZodError", issues: [{ path: ["${identifier}"], message: "${text}" }] })`,
  "can't assert": `const assert = await import("node:assert"); assert.equal("${source}", "${identifier}", "${text}")`,
  "can't read a file": `const fs = await import("node:fs"); fs.readFileSync("/${canary.folder}/${errorfile}")`,
  "can't write a file": `const fs = await import("node:fs"); fs.mkdirSync("/dev/null/${errorfile}")`,
  "can't parse a URL": `new URL("${canary.remote} ${source}")`,
  "can't fetch": `await fetch("http://127.0.0.1:1/${canary.secret}")`,
  "can't import": `await import("./${module}-${errorfile}.js")`,
  "can't import a package": `await import("@${canary.scope}/${canary.dependency}")`,
  "can't require": `const { createRequire } = await import("node:module"); createRequire(import.meta.url)("./${errorfile}.cjs")`,
  "can't run a command": `const { execFileSync } = await import("node:child_process"); execFileSync(process.execPath, ["-e", "console.error('${text}'); process.exit(2)", "${canary.argument}"], { stdio: "pipe" })`,
  "evaluates what is no code": `new Function("${source} ${identifier}")()`,
  "never stops calling itself": `const ${identifier} = () => ${identifier}() + 1; ${identifier}()`,
  "is aborted": `AbortSignal.abort(new DOMException("${text}", "AbortError")).throwIfAborted()`,
  "has a worker that throws": inWorker(`throw new Error("${text}")`),
  "has a worker without memory left": inWorker(
    `globalThis.${identifier} = []; while (true) ${identifier}.push(new Array(1000).fill("${source}" + Math.random()))`,
  ),
  exits: "process.exit(3)",
  "is stopped by a signal":
    "process.kill(process.pid, 'SIGTERM'); await new Promise((resolve) => setTimeout(resolve, 5000))",
  "throws where nobody catches": `setTimeout(() => { throw new RangeError("${text}") }); await new Promise((resolve) => setTimeout(resolve, 5000))`,
  "rejects where nobody catches": `Promise.reject("${text}"); await new Promise((resolve) => setTimeout(resolve, 5000))`,
};

function inWorker(code: string): string {
  const options = `{ eval: true, name: "${identifier}", argv: ["${canary.argument}"], resourceLimits: { maxOldGenerationSizeMb: 12, maxYoungGenerationSizeMb: 4 } }`;
  return `const { Worker } = await import("node:worker_threads");
    await new Promise((_, reject) => new Worker(\`${code}\`, ${options}).on("error", reject))`;
}

function ofWebpackLike(options: string) {
  return { webpack: options, rspack: options };
}

function ofRollupLike(options: string) {
  return { rollup: options, rolldown: options };
}

const broken: Record<string, Change> = {
  "a plugin throws as the build starts": { hooks: `start() { throw new Error("${text}") }` },
  "a plugin throws a string as the build starts": { hooks: `start() { throw "${text}" }` },
  "a plugin throws as it resolves": { hooks: `resolve(id) { throw new Error("${text} " + id) }` },
  "a plugin throws as the build ends": { hooks: `end() { throw new Error("${text}") }` },
  "a plugin rejects with an object as the build ends": {
    hooks: `async end() { throw { ${identifier}: "${text}" } }`,
  },
  "the configuration throws": { above: `throw new Error("${text}");` },
  "the configuration throws a string": { above: `throw "${text}";`, args: ["--uncaught"] },
  "the configuration throws, and nobody catches": {
    above: `throw new TypeError("${text}");`,
    args: ["--uncaught"],
  },
  "the configuration throws, and the product tells it all": {
    above: `throw new Error("${text}");`,
    args: ["--careful"],
  },
  "the configuration is no JavaScript": { above: `${source} ${identifier};` },
  "the configuration imports what is missing": { above: `import "./${errorfile}.mjs";` },
  "there is no configuration": { files: { "acme.config.mjs": undefined } },
  "a syntax error": { source: `const ${identifier} = "${source}" ${source};` },
  "a string without an end": { source: `const ${identifier} = "${source}` },
  "TypeScript in JavaScript": { source: `const ${identifier}: ${errorclass} = "${source}";` },
  "the same name twice": {
    source: `const ${identifier} = 1; const ${identifier} = "${source}";`,
    completes: ["rspack"],
  },
  "a regular expression that is none": {
    source: `console.log(/${source}(/);`,
    completes: ["esbuild", "rspack", "vite", "rolldown"],
  },
  "a module that is missing": { source: `import "./${errorfile}.js";` },
  "a module of a folder that is missing": { source: `import "../${canary.folder}/${errorfile}";` },
  "a package that is missing": {
    source: `import x from "${canary.dependency}"; console.log(x);`,
    completes: ["rollup", "rolldown"],
  },
  "an export that is missing": {
    source: `import { ${errorclass} } from "./${module}.js"; console.log(${errorclass});`,
  },
  "a circle of modules without the export": {
    source: `import { ${identifier} } from "./${errorfile}.js"; console.log(${identifier});`,
    files: { [`src/${errorfile}.js`]: `export * from "./${errorfile}.js"; // ${source}\n` },
  },
  "JSON that is none": {
    source: `import data from "./${errorfile}.json"; console.log(data);`,
    files: { [`src/${errorfile}.json`]: `{ "${identifier}": ${source} }` },
  },
  "a kind of file that nobody knows": {
    source: `import data from "./${errorfile}.${canary.option}"; console.log(data);`,
    files: { [`src/${errorfile}.${canary.option}`]: `<${identifier}>${source}` },
  },
  "an entry that is missing": { files: { [entryFile]: undefined } },
  "an entry that is a folder": {
    files: { [entryFile]: undefined, [`${entryFile}/${errorfile}`]: source },
  },
  "a package whose exports lead nowhere": {
    source: `import x from "${canary.dependency}"; console.log(x);`,
    files: {
      [`node_modules/${canary.dependency}/package.json`]: JSON.stringify({
        name: canary.dependency,
        exports: { ".": `./${errorfile}.js` },
      }),
    },
    completes: ["rollup", "rolldown"],
  },
  "a package.json that is none": {
    source: `import x from "${canary.dependency}"; console.log(x);`,
    files: { [`node_modules/${canary.dependency}/package.json`]: `{ "main": "${errorfile}" ` },
    completes: ["rollup"],
  },
  "an output folder that is a file": { files: { [canary.output]: source } },
  "assets over the limit": {
    options: ofWebpackLike(
      `{ performance: { hints: "error", maxAssetSize: 1, maxEntrypointSize: 1 } }`,
    ),
  },
  "an option that nobody knows": {
    options: {
      ...ofWebpackLike(`{ ${canary.option}: "${canary.value}" }`),
      esbuild: `{ ${canary.option}: "${canary.value}" }`,
    },
    completes: ["rspack"],
  },
  "an option with a wrong value": {
    options: {
      ...ofWebpackLike(`{ mode: "${canary.option}" }`),
      ...ofRollupLike(`{ output: { format: "${canary.option}" } }`),
      esbuild: `{ format: "${canary.option}" }`,
      vite: `{ build: { minify: "${canary.option}", target: "${canary.option}" } }`,
    },
    completes: ["rspack"],
  },
  "a target that nobody knows": {
    options: {
      ...ofWebpackLike(`{ target: "${canary.option}" }`),
      esbuild: `{ target: "${canary.option}" }`,
    },
  },
};

const whole: Record<string, Change> = {
  "a build like most": {},
  "names in the output": {
    options: {
      ...ofWebpackLike(
        `{ output: { path: process.cwd() + "/${canary.output}", filename: "${identifier}.js", uniqueName: "${canary.option}" } }`,
      ),
      ...ofRollupLike(
        `{ output: { entryFileNames: "${identifier}.js", banner: "// ${canary.option}" } }`,
      ),
      esbuild: `{ entryNames: "${identifier}", banner: { js: "// ${canary.option}" } }`,
      vite: `{ mode: "${canary.option}", base: "/${identifier}/", define: { ${identifier}: 1 } }`,
    },
  },
  "a project without a package.json": { files: { "package.json": undefined } },
  "a package without a name": {
    files: { "package.json": JSON.stringify({ author: canary.author, private: true }) },
  },
};

const loaders = Object.entries(loads).map(([how, code]): [string, Change] => [
  `a loader ${how}`,
  { hooks: `async load(file) { ${code} }` },
]);

export function scenariosFor(bundler: string): Scenario[] {
  const isKnown = ([, { options }]: [string, Change]) => !options || options[bundler] !== undefined;
  const make = ([name, change]: [string, Change]) => ({
    name,
    fails: !(name in whole) && !change.completes?.includes(bundler),
    files: filesOf(change, bundler),
    args: change.args ?? [],
  });
  return [...Object.entries(whole), ...loaders, ...Object.entries(broken)]
    .filter(isKnown)
    .map(make);
}

function filesOf(change: Change, bundler: string): Files {
  const { above = "", files = {}, hooks = "", options, source } = change;
  const config = `// ${canary.config}
${above}
export default { entry: "${entryFile}", hooks: { ${hooks} }, options: ${options?.[bundler] ?? "{}"} };
`;
  return { "acme.config.mjs": config, ...(source && { [entryFile]: source }), ...files };
}
