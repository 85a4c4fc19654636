import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSecureContext } from "node:tls";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

/**
 * Where the peers' telemetry ends: every host they ask for is this one. Their connections are led
 * here inside their own processes (redirect.cjs); nothing of the machine is changed.
 */
export async function startTlsReceiver() {
  const { createAuthority } = await certificates();
  const authority = createAuthority();
  const contexts = new Map();
  const contextOf = (name) => {
    if (!contexts.has(name)) {
      contexts.set(name, createSecureContext(authority.issue({ names: [name] })));
    }
    return contexts.get(name);
  };
  let behaviour = "at once";
  const requests = [];
  const sockets = new Set();
  const server = createServer(
    { ...authority.issue(), SNICallback: (name, done) => done(null, contextOf(name)) },
    (request, response) => {
      let bytes = 0;
      request.on("data", (chunk) => {
        bytes += chunk.length;
      });
      request.on("end", () => {
        const { host } = request.headers;
        requests.push({ host, path: request.url, bytes, receivedAt: Date.now() });
        if (behaviour === "never") return;
        // Codecov's asks for the place to upload to; the others read no more than the status.
        const answer = JSON.stringify({ url: `https://${host}/stored`, status: 1 });
        const respond = () =>
          response.writeHead(200, { "content-type": "application/json" }).end(answer);
        setTimeout(respond, behaviour === "1 s" ? 1000 : 0);
      });
    },
  );
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    if (behaviour === "refused") socket.resetAndDestroy();
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const folder = mkdtempSync(path.join(tmpdir(), "sendoff-bench-"));
  const authorityFile = path.join(folder, "authority.pem");
  writeFileSync(authorityFile, authority.certificate);
  return {
    requests,
    /** What leads a process here. */
    env: {
      NODE_EXTRA_CA_CERTS: authorityFile,
      NODE_OPTIONS: `--require ${JSON.stringify(fileURLToPath(new URL("redirect.cjs", import.meta.url)))}`,
      SENDOFF_BENCH_PORT: String(server.address().port),
    },
    behave(next) {
      behaviour = next;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The tests' own, which Node 20 doesn't read as they are. */
async function certificates() {
  const file = new URL("../test/e2e/certificates.ts", import.meta.url);
  const { code } = await transform(readFileSync(file, "utf8"), { loader: "ts" });
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}
