import { type IncomingHttpHeaders, request } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { exampleFolder, setUpCli } from "./cli-harness.ts";

const mounted = ["acme.mjs", "telemetry", "show", "--web"];
/** `npx sendoff …`, which knows the product's name and no more. */
export const byName = [
  fileURLToPath(new URL("../../dist/bin.mjs", import.meta.url)),
  ...["show", "--web", "--name", "acme"],
];

/** `acme telemetry show --web`, as somebody starts it in a terminal, and what it prints. */
export async function setUpLocalView() {
  const cli = await setUpCli();
  const open = async (extra: Record<string, string> = {}, words = mounted) => {
    const command = execa(process.execPath, words, {
      cwd: exampleFolder,
      env: { ...cli.env, ...extra },
      extendEnv: false,
      reject: false,
      // Open for as long as nobody closes it, like a terminal.
      stdin: "pipe",
    });
    onTestFinished(async () => {
      command.kill("SIGKILL");
      await command;
    });
    const address = await new Promise<string>((resolve, reject) => {
      let printed = "";
      command.stdout?.on("data", (chunk) => {
        printed += chunk;
        const [found] = /http:\S+/.exec(printed) ?? [];
        if (found) resolve(found);
      });
      void command.then(({ stderr }) => reject(new Error(`It has ended: ${printed}${stderr}`)));
    });
    return { command, address, origin: new URL(address).origin };
  };
  return { ...cli, open, preferences: path.join(cli.home.path, "config/acme/telemetry.json") };
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** By node:http, which sends whatever Host it is told to. */
export function ask(
  address: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}

/** Exchanges the address for a cookie, as a browser does. */
export async function enter(address: string) {
  const { body, headers, status } = await ask(address);
  const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const place = /url=([^"]+)/.exec(body)?.[1] ?? "";
  return {
    status,
    cookie,
    setCookie: headers["set-cookie"]?.[0] ?? "",
    page: new URL(place, address).href,
  };
}
