import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestMaxBytes } from "../../../src/support/limits.ts";
import { accessCheck, forwardedHeaders } from "../auth/access.ts";
import type { IngestAnswer } from "../ingest/answer.ts";
import type { Ingest } from "../ingest/ingest.ts";
import { answerBody, answerHeaders, ingestPaths, refuseHead, tooLarge } from "./ingest-http.ts";

/** What a platform tells of a request besides the request. */
interface Platform {
  /** The address it comes from, for limits; empty where the platform doesn't say. */
  source(context: Context): string;
}

export interface AppParts {
  ingest: Ingest;
  platform: Platform;
  /** SHA-256 of each, 64 hexadecimal digits. */
  tokens: readonly string[];
  /** @default false */
  isBehindProxy?: boolean;
  publicPage(): string;
  /** Undefined where it takes events; otherwise why not yet. */
  notReady(): string | undefined;
  /** Undefined where the platform keeps no counts. */
  metrics?: { text(): Promise<string>; contentType: string };
  /** The query API, below `/api/v1`; undefined where no store can be asked. */
  queries?: Hono | undefined;
  /** The page's files, below `/dashboard/`; undefined where the platform has none. */
  dashboard?: MiddlewareHandler | undefined;
  /** A browser has told of something that the page's policy forbids: the directive. */
  onViolation(directive: string): void;
  onError(error: Error): void;
}

/**
 * The collector as one web-standard handler, for every runtime. Ingest and erasure are for
 * everybody, and so are the page that says what is collected and the dashboard's empty files;
 * whatever shows a number needs a token.
 */
export function createApp(parts: AppParts): Hono {
  const { ingest, platform, notReady, metrics, queries, dashboard } = parts;
  const accessOf = accessCheck(parts.tokens, parts.isBehindProxy ?? false);
  const app = new Hono();

  for (const path of ingestPaths) {
    app.all(path, async (context) => {
      const { req } = context;
      const refusal = refuseHead({ method: req.method, header: (name) => req.header(name) });
      if (refusal) return respond(ingest.refuse(req.method, refusal));
      const body = await readLimited(req.raw);
      if (body === undefined) return respond(ingest.refuse(req.method, tooLarge));
      const handle = req.method === "POST" ? ingest.post : ingest.erase;
      return respond(await handle(body, platform.source(context)));
    });
  }

  app.get("/", (context) => context.text(parts.publicPage()));
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/readyz", (context) => {
    const reason = notReady();
    return reason === undefined ? context.text("ok") : context.text(reason, 503);
  });

  const needsAccess: MiddlewareHandler = async (context, next) => {
    const { req } = context;
    const asking = {
      source: platform.source(context),
      host: req.header("host") ?? null,
      authorization: req.header("authorization") ?? null,
      isForwarded: forwardedHeaders.some((name) => req.header(name) !== undefined),
    };
    switch (accessOf(asking)) {
      case "allowed":
        return next();
      case "proxied":
        return context.json({ error: noTokenBehindProxy }, 403);
      case "elsewhere":
        return context.json({ error: noTokenElsewhere }, 403);
      case "unknown":
        return context.json({ error: "This needs a token: Authorization: Bearer <token>." }, 401, {
          "www-authenticate": "Bearer",
        });
    }
  };
  if (metrics) {
    app.get("/metrics", needsAccess, async (context) => {
      const text = await metrics.text();
      return context.body(text, 200, { "content-type": metrics.contentType });
    });
  }
  if (queries) {
    app.use("/api/v1/*", needsAccess, noStore);
    app.route("/api/v1", queries);
  }
  if (dashboard) {
    app.get("/dashboard", (context) => context.redirect("./dashboard/"));
    app.use("/dashboard/*", pageHeaders, dashboard);
    app.post("/csp-report", bodyLimit({ maxSize: 16 * 1024 }), async (context) => {
      parts.onViolation(directiveIn(await context.req.json().catch(() => undefined)));
      return context.body(null, 204);
    });
  }

  app.notFound((context) => context.json({ error: "There is nothing here." }, 404));
  app.onError((error, context) => {
    parts.onError(error);
    return context.json({ error: "That went wrong here; the collector's log says why." }, 500);
  });
  return app;
}

const noTokenBehindProxy =
  "This came by a proxy, and the collector has no token: start it with --token <hash> and --behind-proxy. `sendoff-collector token` makes one.";

const noTokenElsewhere =
  "The collector has no token, so that only its own machine, asked by its own name, is shown numbers: start it with --token <hash>. `sendoff-collector token` makes one.";

function respond(answer: IngestAnswer): Response {
  const { status } = answer;
  return new Response(answerBody(answer) || null, { status, headers: answerHeaders(answer) });
}

/** Undefined for one that is too long, whatever it said of its length. */
async function readLimited(request: Request): Promise<string | undefined> {
  // As Node's own buffers do, it leaves a mark of the byte order where it is: no JSON begins with it.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let [text, length] = ["", 0];
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > requestMaxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const noStore: MiddlewareHandler = async (context, next) => {
  await next();
  context.res.headers.set("cache-control", "no-store");
};

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "report-uri ../csp-report",
].join("; ");

const pageHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set("content-security-policy", policy);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-resource-policy", "same-origin");
  // Vite names assets by their content; the page itself names them.
  const isAsset = context.req.path.includes("/assets/");
  headers.set("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
};

/** Only which rule it was: addresses in a report may hold what somebody looked at. */
function directiveIn(report: unknown): string {
  const said = (report as { "csp-report"?: { "effective-directive"?: unknown } } | undefined)?.[
    "csp-report"
  ]?.["effective-directive"];
  return typeof said === "string" && /^[a-z-]{1,40}$/.test(said) ? said : "unknown";
}
