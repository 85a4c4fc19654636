import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@clickhouse/client";
import { execa, type ResultPromise } from "execa";

/** A ClickHouse that a test starts on a folder of its own, and may kill. */
export interface Engine {
  url: string;
  /** Without waiting for anything; what runs in it is cut off. */
  kill(): Promise<void>;
  /** On the same folder and port. */
  start(): Promise<void>;
  run(query: string): Promise<void>;
}

/** The engine of today, in a process that speaks the server's HTTP interface. */
export async function startChdb(folder: string): Promise<Engine> {
  const port = await freePort();
  const program = fileURLToPath(new URL("chdb-server.mjs", import.meta.url));
  return engine(port, () => execa(process.execPath, [program, folder, String(port)], quiet));
}

export const SERVER = ["/usr/sbin/clickhouse-server", "/usr/bin/clickhouse-server"].find(
  existsSync,
);

/** The server that this machine has, which may be as old as Debian's. */
export async function startServer(folder: string): Promise<Engine> {
  const [http, tcp, between] = [await freePort(), await freePort(), await freePort()];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "users.xml"), USERS);
  await writeFile(
    join(folder, "config.xml"),
    `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${http}</http_port>
  <tcp_port>${tcp}</tcp_port>
  <interserver_http_port>${between}</interserver_http_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <!-- By itself it keeps replaced parts for eight minutes. -->
  <merge_tree><old_parts_lifetime>1</old_parts_lifetime></merge_tree>
  <mark_cache_size>67108864</mark_cache_size>
  <timezone>UTC</timezone>
</yandex>
`,
  );
  const args = [`--config-file=${join(folder, "config.xml")}`];
  return engine(http, () => execa(SERVER as string, args, quiet));
}

/** Of the server's user `locked`; `default` has none. */
export const PASSWORD = "open-sesame";

const USERS = `<yandex>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </default><locked>
    <password>${PASSWORD}</password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </locked></users>
</yandex>
`;

type Spawned = ResultPromise<typeof quiet>;

const quiet = { reject: false, stdio: ["ignore", "ignore", "pipe"] } as const;

async function engine(port: number, spawn: () => Spawned): Promise<Engine> {
  const url = `http://127.0.0.1:${port}`;
  let process: Spawned;
  const start = async () => {
    process = spawn();
    const until = Date.now() + 30_000;
    while (!(await isUp(url))) {
      if (process.exitCode !== null || Date.now() > until) {
        throw new Error(`The engine did not start: ${(await process).stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await start();
  return {
    url,
    start,
    async kill() {
      process.kill("SIGKILL");
      await process;
    },
    async run(query) {
      const client = createClient({ url, log: { level: 127 } });
      await client.command({ query });
      await client.close();
    },
  };
}

async function isUp(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/ping`).catch(() => undefined);
  return answer?.ok ?? false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
