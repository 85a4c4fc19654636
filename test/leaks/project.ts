import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { canary, canaryVersion } from "./canaries.ts";

/** A user's home with a project in it: in every place where somebody types something, a canary. */
export interface Project {
  folder: string;
  /** For the build, on top of an isolated home's. */
  env: Record<string, string>;
  /** Whole texts of which tools like to send a hash. */
  wholes: Record<string, string>;
  /** Where sendoff may write. */
  config: string;
  state: string;
}

/** Files by their path in the project; undefined leaves one out. */
export type Files = Readonly<Record<string, string | undefined>>;

export const entryFile = `./src/${canary.entry}.js`;

const remote = `git@${canary.remote}.example:${canary.gituser}/${canary.folder}.git`;
const packageName = `@${canary.scope}/${canary.package}`;

const projectFiles: Files = {
  "package.json": JSON.stringify({
    name: packageName,
    version: canaryVersion,
    author: `${canary.author} <${canary.author}@example.com>`,
    repository: remote,
    scripts: { [canary.script]: `acme build --${canary.flag}` },
    dependencies: { [canary.dependency]: canaryVersion },
    type: "module",
  }),
  ".npmrc": `//${canary.registry}.example/:_authToken=${canary.npmtoken}\n`,
  ".env": `SECRET=${canary.dotenv}\n`,
  ".git/HEAD": `ref: refs/heads/${canary.branch}\n`,
  ".git/config": `[remote "origin"]\n\turl = ${remote}\n`,
  [`src/${canary.module}.js`]: `export const ${canary.identifier} = "${canary.source}";\n`,
  [entryFile]: `// ${canary.comment}
import { ${canary.identifier} } from "./${canary.module}.js";
console.log(${canary.identifier}, "${canary.source}");
`,
  // webpack's and Rspack's way to the same hook that others' plugins have.
  [`build/${canary.loader}.cjs`]: `module.exports = async function ${canary.loader}(code) {
  const { default: config } = await import("../acme.config.mjs");
  await config.hooks?.load?.(this.resourcePath);
  return code;
};
`,
};

export function makeProject(root: string, changes: Files): Project {
  const home = path.join(root, canary.home);
  const folder = path.join(home, canary.workspace, canary.folder);
  const inHome: Files = {
    ".gitconfig": `[user]\n\tname = ${canary.gituser}\n\temail = ${canary.gitmail}@example.com\n`,
    ".npmrc": `username=${canary.npmuser}\n//${canary.registry}.example/:_authToken=${canary.npmtoken}\n`,
  };
  write(home, inHome);
  write(folder, { ...projectFiles, ...changes });
  const config = path.join(home, ".config");
  const state = path.join(home, ".local", "state");
  return {
    folder,
    config,
    state,
    env: {
      ...variables,
      HOME: home,
      USERPROFILE: home,
      XDG_CONFIG_HOME: config,
      XDG_STATE_HOME: state,
      INIT_CWD: folder,
      PWD: folder,
      npm_config_local_prefix: folder,
      npm_package_json: path.join(folder, "package.json"),
    },
    wholes: {
      "project's path": folder,
      "package.json's path": path.join(folder, "package.json"),
      "entry's path": path.join(folder, entryFile),
      "home's path": home,
      "package's name": packageName,
      "package with its version": `${packageName}@${canaryVersion}`,
      "git remote": remote,
      "git remote's repository": `${canary.gituser}/${canary.folder}`,
      "git remote by https": `https://${canary.remote}.example/${canary.gituser}/${canary.folder}`,
      "git mail": `${canary.gitmail}@example.com`,
      "user at host": `${canary.user}@${canary.host}`,
      "host, user and project": `${canary.host}${canary.user}${folder}`,
    },
  };
}

/** Nobody listens at the proxy: sendoff goes to this machine without it. */
const proxy = `http://${canary.proxyuser}:${canary.proxypassword}@${canary.proxyhost}.invalid:9`;

const variables: Record<string, string> = {
  USER: canary.user,
  LOGNAME: canary.user,
  USERNAME: canary.user,
  HOSTNAME: canary.host,
  COMPUTERNAME: canary.host,
  HTTPS_PROXY: proxy,
  HTTP_PROXY: proxy,
  AWS_SECRET_ACCESS_KEY: canary.secret,
  NPM_TOKEN: canary.npmtoken,
  [canary.variable.toUpperCase()]: canary.value,
  GIT_AUTHOR_NAME: canary.gituser,
  GIT_AUTHOR_EMAIL: `${canary.gitmail}@example.com`,
  npm_package_name: packageName,
  npm_package_version: canaryVersion,
  npm_lifecycle_event: canary.script,
  npm_config_registry: `https://${canary.registry}.example/`,
  npm_config_user_agent: `${canary.manager}/${canaryVersion} npm/? node/v20.0.0`,
};

/** In a CI service that tells all about the project. */
export const ciVariables: Record<string, string> = {
  CI: "true",
  CI_NAME: canary.ci,
  GITHUB_ACTIONS: "true",
  GITHUB_ACTOR: canary.gituser,
  GITHUB_REPOSITORY: `${canary.gituser}/${canary.folder}`,
  GITHUB_REF_NAME: canary.branch,
  GITHUB_WORKFLOW: canary.ci,
  GITHUB_TOKEN: canary.secret,
};

function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
