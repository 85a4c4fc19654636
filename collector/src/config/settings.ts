import { z } from "zod";

/**
 * Everything an operator may set, once: the flag's, the variable's and the file's names are made from
 * the name here, and `--help` and docs/collector.md from the words.
 */

const list = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").filter(Boolean) : value),
  z.array(
    z.string("say texts alone").min(1, "say something, or leave it out"),
    "say a text, or a list of them",
  ),
);
const flag = z.preprocess((value) => {
  if (value === "1" || value === "true") return true;
  return value === "0" || value === "false" ? false : value;
}, z.boolean("say true or false"));
/** Of a flag or variable a text. Neither an empty one nor null is a zero, which stands for no limit. */
const whole = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value),
    z
      .number(`say a whole number from ${min} to ${max}`)
      .int(`say a whole number from ${min} to ${max}`)
      .min(min, `say ${min} or more`)
      .max(max, `say ${max} or less`),
  );
const hashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, {
    message: "say 64 hexadecimal digits, as `sendoff-collector token` prints them, not the token",
  })
  // What a script makes of a variable that isn't set: whoever sends no token would have it.
  .refine((value) => value !== hashOfNothing, "this is the hash of an empty text: make a token");

const store = z.string().regex(/^(?:duckdb:.+|clickhouse:https?:\/\/.+|posthog:https?:\/\/.+)$/, {
  message: "say duckdb:FILE, clickhouse:URL or posthog:URL",
});

const version = z.string().regex(/^[a-z][a-z0-9-]*@\S+$/, {
  message: "say a product and its version, such as acme@1.2.3",
});

export interface Setting {
  schema: z.ZodType;
  /** Of the flag's argument, in `--help`. */
  value: string;
  /** May be given more than once; in a variable, by commas. */
  isList?: true;
  words: string;
}

export const settings = {
  events: {
    schema: list.pipe(
      z
        .array(z.string())
        .min(1, "name a file that `<product> telemetry events --json-schema` has written"),
    ),
    value: "FILE",
    isList: true,
    words: "what may be stored: the file of `<product> telemetry events --json-schema`",
  },
  store: {
    schema: list
      .pipe(z.array(store).min(1, "say duckdb:FILE, clickhouse:URL or posthog:URL"))
      .default(["duckdb:./telemetry.duckdb"]),
    value: "WHERE",
    isList: true,
    words: "duckdb:FILE, clickhouse:URL or posthog:URL",
  },
  host: {
    schema: z
      .string("say an address")
      .min(1, "say an address, such as 127.0.0.1")
      .default("127.0.0.1"),
    value: "ADDRESS",
    words: "the address to listen at; 0.0.0.0 for all of them",
  },
  port: {
    schema: whole(0, 65_535).default(4817),
    value: "NUMBER",
    words: "the port; 0 for a free one",
  },
  token: {
    schema: list.pipe(z.array(hash)).default([]),
    value: "SHA256",
    isList: true,
    words: "hash of a token that may see the numbers; without any, only this machine may",
  },
  k: {
    schema: whole(2, 1_000_000).default(10),
    value: "NUMBER",
    words: "installations that stand behind each group that is shown, at least",
  },
  retentionDays: {
    schema: whole(32, 3_650).default(90),
    value: "DAYS",
    words: "how long events are kept; counts per day stay",
  },
  cluster: {
    schema: z
      .string()
      .regex(/^[A-Za-z_][\w-]*$/, 'say a name of letters, digits, "_" and "-"')
      .optional(),
    value: "NAME",
    words: "of a ClickHouse cluster: tables are made on all its servers, replicated and sharded",
  },
  stop: {
    schema: list.pipe(z.array(version)).default([]),
    value: "VERSION",
    isList: true,
    words: "a version that is asked to send no more (410), such as acme@1.2.3",
  },
  behindProxy: {
    schema: flag.default(false),
    value: "",
    words: "the last entry of x-forwarded-for is the address that asks",
  },
  tlsCert: { schema: z.string().optional(), value: "FILE", words: "a certificate chain, PEM" },
  tlsKey: { schema: z.string().optional(), value: "FILE", words: "its key, PEM" },
  ratePerId: {
    schema: whole(0, 1_000_000).default(600),
    value: "NUMBER",
    words: "requests a minute of one installation; 0 for no limit",
  },
  ratePerSource: {
    schema: whole(0, 100_000_000).default(6_000),
    value: "NUMBER",
    words: "requests a minute from one address; 0 for no limit",
  },
  rateTotal: {
    schema: whole(0, 1_000_000_000).default(0),
    value: "NUMBER",
    words: "requests a minute in all; 0 for no limit",
  },
  maxConnections: {
    schema: whole(1, 1_000_000).default(10_000),
    value: "NUMBER",
    words: "connections at once; a further one is closed",
  },
  memoryLimit: {
    schema: whole(64, 1_048_576).default(1024),
    value: "MIB",
    words: "memory for DuckDB's queries and loading",
  },
  threads: { schema: whole(1, 1024).optional(), value: "NUMBER", words: "threads for queries" },
  walSize: {
    schema: whole(1, 65_536).default(64),
    value: "MIB",
    words: "what DuckDB's log may hold before it goes into the file",
  },
  queueSize: {
    schema: whole(1, 65_536).default(256),
    value: "MIB",
    words: "events that may wait for the database; more are answered with 503",
  },
  logLevel: {
    schema: z
      .enum(["debug", "info", "warn", "error", "silent"], "say debug, info, warn, error or silent")
      .default("info"),
    value: "LEVEL",
    words: "debug, info, warn, error or silent",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as SettingName[];
export type Settings = { [Name in SettingName]: z.output<(typeof settings)[Name]["schema"]> };
