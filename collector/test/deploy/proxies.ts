import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";

/** The examples of collector/deploy, with the addresses and certificates of a test in them. */
export interface ProxyParts {
  folder: string;
  /** The collector's. */
  to: number;
  cert: string;
  key: string;
}

export interface RunningProxy {
  port: number;
  /** @returns all that it has said. */
  stop(): Promise<string>;
}

export async function startNginx(file: string, parts: ProxyParts): Promise<RunningProxy> {
  const { folder, to, cert, key } = parts;
  const port = await freePort();
  const config = changed("nginx.conf", [
    ["listen 80;", `listen 127.0.0.1:${await freePort()};`],
    ["listen [::]:80;", ""],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
    ["listen [::]:443 ssl http2;", ""],
    ["127.0.0.1:4817", `127.0.0.1:${to}`],
    ["/etc/letsencrypt/live/telemetry.example.com/fullchain.pem", cert],
    ["/etc/letsencrypt/live/telemetry.example.com/privkey.pem", key],
    ["/var/log/nginx/telemetry.log", join(folder, "error.log")],
  ]);
  const own = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n");
  const around = `pid ${join(folder, "nginx.pid")};
daemon off;
master_process off;
error_log stderr emerg;
events {}
http {
${own}
${config}
}
`;
  const name = join(folder, "nginx.conf");
  writeFileSync(name, around);
  return started(port, [file, "-p", folder, "-c", name], folder);
}

export async function startCaddy(file: string, parts: ProxyParts): Promise<RunningProxy> {
  const { folder, to, cert, key } = parts;
  const port = await freePort();
  const config = changed("Caddyfile", [
    ["{\n\t# So would", "{\n\tadmin off\n\tauto_https disable_redirects\n\t# So would"],
    ["telemetry.example.com {", `https://localhost:${port} {\n\ttls ${cert} ${key}`],
    ["127.0.0.1:4817", `127.0.0.1:${to}`],
  ]);
  const name = join(folder, "Caddyfile");
  writeFileSync(name, config);
  return started(port, [file, "run", "--config", name, "--adapter", "caddyfile"], folder);
}

/** @throws where the example has changed, and a test would run another. */
function changed(name: string, changes: readonly [string, string][]): string {
  let text = readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no "${from}" any more.`);
    text = text.replace(from, to);
  }
  return text;
}

async function started(port: number, words: string[], folder: string): Promise<RunningProxy> {
  const [file, ...args] = words as [string, ...string[]];
  const home = join(folder, "home");
  mkdirSync(home);
  const env = { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const child = execa(file, args, { reject: false, all: true, env });
  const until = Date.now() + 20_000;
  while (!(await isOpen(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill();
      throw new Error(`${file} did not start: ${(await child).all}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    async stop() {
      child.kill();
      return (await child).all;
    },
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
