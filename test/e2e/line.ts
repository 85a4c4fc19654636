import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

/**
 * What lies between a sender and a receiver: TLS, trouble on the way back, a proxy. The receiver
 * itself stays what it is, so that what it got is known whatever became of its answer.
 */
export interface LineOptions {
  /** The receiver's URL. */
  to: string;
  /** Without a certificate it is a plain line. */
  certificate?: { cert: string; key: string };
  tamper?: Tamper | undefined;
}

/** What the sender gets in place of the receiver's answer. */
export type Tamper = (answer: Buffer, sender: Socket) => void;

export interface Line {
  readonly port: number;
  readonly connections: number;
  /** From the next connection on. */
  present(certificate: { cert: string; key: string }): void;
  /** From the next answer on; without an argument the line is as good as new. */
  tamper(how?: Tamper): void;
  /** Takes connections and does nothing with them: not even a TLS handshake. */
  stall(isStalled: boolean): void;
  /** Nobody listens: connections are refused. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  reopen(): Promise<void>;
}

export async function startLine({ to, certificate, tamper }: LineOptions): Promise<Line> {
  let isStalled = false;
  let connections = 0;
  const sockets = createSocketSet();
  const serve = (sender: Socket) => {
    const receiver = sockets.add(connect(Number(new URL(to).port), "127.0.0.1"));
    sender.pipe(receiver);
    receiver.on("data", (answer) => (tamper ? tamper(answer, sender) : sender.write(answer)));
    receiver.on("close", () => tamper || sender.destroy());
    sender.on("close", () => receiver.destroy());
    sender.on("error", () => receiver.destroy());
  };
  const secure = certificate && createTlsServer(certificate, serve);
  secure?.on("tlsClientError", () => {}); // Whoever does not trust us hangs up.
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    if (isStalled) return;
    if (secure) secure.emit("connection", socket);
    else serve(socket);
  });
  const port = await listen(server);
  return {
    port,
    get connections() {
      return connections;
    },
    present: (next) => secure?.setSecureContext(next),
    tamper(how) {
      tamper = how;
    },
    stall(next) {
      isStalled = next;
    },
    async close() {
      sockets.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    async reopen() {
      await listen(server, port);
    },
  };
}

export interface ConnectProxy {
  readonly port: number;
  /** What was asked for: `telemetry.acme.dev:443`. */
  readonly asked: readonly string[];
  /** Decoded from `Proxy-Authorization`; undefined where there was none. */
  readonly credentials: readonly (string | undefined)[];
  /** `connect`, a status to answer with instead, or nothing at all. */
  behave(behaviour: "connect" | "hang" | "reset" | number): void;
  close(): Promise<void>;
  reopen(): Promise<void>;
}

/** A CONNECT proxy for which every name is this machine, at the port given. */
export async function startProxy(
  target: number,
  certificate?: { cert: string; key: string },
): Promise<ConnectProxy> {
  let behaviour: Parameters<ConnectProxy["behave"]>[0] = "connect";
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = createSocketSet();
  const server = createHttpServer();
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    asked.push(request.url as string);
    const [, encoded] = request.headers["proxy-authorization"]?.split(" ") ?? [];
    credentials.push(encoded && Buffer.from(encoded, "base64").toString());
    client.on("error", () => {});
    if (behaviour === "hang") return;
    if (typeof behaviour === "number") {
      client.end(`HTTP/1.1 ${behaviour} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (behaviour === "reset") {
      client.once("data", () => reset(client));
      return;
    }
    const upstream = sockets.add(connect(target, "127.0.0.1"));
    client.pipe(upstream).pipe(client);
    client.on("close", () => upstream.destroy());
  });
  const secure =
    certificate && createTlsServer(certificate, (socket) => server.emit("connection", socket));
  const front = createServer((socket) => {
    sockets.add(socket);
    (secure ?? server).emit("connection", socket);
  });
  const port = await listen(front);
  return {
    port,
    asked,
    credentials,
    behave(next) {
      behaviour = next;
    },
    async close() {
      sockets.destroy();
      if (front.listening) await new Promise((resolve) => front.close(resolve));
    },
    async reopen() {
      await listen(front, port);
    },
  };
}

/** As a crash or a firewall ends it; a TLS connection has no reset of its own. */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function createSocketSet() {
  const sockets = new Set<Socket>();
  return {
    add(socket: Socket): Socket {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
      return socket;
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
