import { createHash } from "node:crypto";
import { isIP } from "node:net";
import * as z from "zod/mini";
import { logLevels } from "./log.ts";

/** SHA-256 of secrets that stand in public deployment guides: whoever copies them has no secret (docs/decisions.md). */
const published = new Set([
  "83c3bcaefa345f9658667c0924f289e2fbd60dce251cec3f7b48b207da581c73",
  "f652f17325ba0b8b1c663526c2e5bf195be53a406dbcb2961646a27388b050f3",
  "b09166231b987388eb39a02eec5b2f50b11bef51339bfceb07f6db309c04f721",
]);

const isUnpublished = (value: unknown) => !published.has(createHash("sha256").update(String(value)).digest("hex"));
const unpublished = (remedy: string) =>
  z.refine(isUnpublished, { error: `is printed in a public guide, so it protects nothing; make your own: ${remedy}` });

const text = z.string();
/** In a file of settings a comment stands on a line of its own: behind a value it becomes part of it (SST, Docker). */
const comment = (value: string) => /^#(\s|$)|\s#\s/.test(value);
const uncommented = z.refine((value) => !comment(String(value)), {
  error: "holds a comment (#): give it a value without one, or leave it out",
});
/** A secret that is sent as one word: what holds blanks or begins with # came from a line with a comment. */
const token = text.check(
  z.regex(/^[^#\s]\S*$/, { error: "must be one word that does not begin with #: a comment goes on a line of its own" }),
);
const flag = z.pipe(
  z.string().check(z.regex(/^(true|false|1|0)$/i, { error: "must be true or false" })),
  z.transform((value: string) => /^(true|1)$/i.test(value)),
);
const number = (least: number, most: number) =>
  z.pipe(
    z.string().check(
      z.regex(/^-?\d+(\.\d+)?$/, { error: `must be a number from ${least} to ${most}` }),
      z.refine((value) => Number(value) >= least && Number(value) <= most, {
        error: `must be a number from ${least} to ${most}`,
      }),
    ),
    z.transform(Number),
  );
const url = (example: string) =>
  z
    .string()
    .check(z.regex(/^https?:\/\/[^\s/]+/, { error: `must begin with https:// or http://, such as ${example}` }));
/** `redis://user:password@host:6379/0`, as stores/redis/tcp.ts reads it. */
const isRedisUrl = (value: string) => {
  const { protocol, hostname, pathname } = URL.parse(value) ?? {};
  return /^rediss?:$/.test(protocol ?? "") && Boolean(hostname) && /^\/?\d*$/.test(pathname ?? "");
};
const isTimeZone = (name: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const trustError =
  "must be true (one proxy), the number of proxies, or their addresses and networks, such as 10.0.0.0/8,2001:db8::1";
/** A number of hops, or a list; undefined for what is neither. */
const readTrust = (value: string): number | readonly string[] | undefined => {
  if (/^(true|false)$/i.test(value)) return Number(/^true$/i.test(value));
  if (/^\d{1,2}$/.test(value)) return Number(value);
  const networks = value.split(",").map((network) => network.trim());
  return networks.every(isNetwork) ? networks : undefined;
};
const isNetwork = (network: string) => {
  const [, address = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
  return isIP(address) !== 0 && (bits === undefined || Number(bits) <= (isIP(address) === 6 ? 128 : 32));
};

const originError = "must be origins such as https://app.example.com, separated by commas, or *";
const readOrigins = (value: string) => value.split(",").map((origin) => origin.trim().toLowerCase());
const isOrigin = (origin: string) => origin === "*" || (!origin.includes("*") && URL.parse(origin)?.origin === origin);

const schema = z.object({
  JWT_SECRET: z
    .string({ error: "is missing; make one: openssl rand -hex 64" })
    .check(
      z.minLength(32, { error: "must have at least 32 characters; make one: openssl rand -hex 64" }),
      uncommented,
      unpublished("openssl rand -hex 64"),
    ),
  ENCRYPTION_KEY: z.string({ error: "is missing; make one: openssl rand -hex 32" }).check(
    z.refine((value) => [32, 44, 64].includes(value.length), {
      error: "must have 32, 44 or 64 characters; make one: openssl rand -hex 32",
    }),
    uncommented,
    unpublished("openssl rand -hex 32"),
  ),
  ENCRYPTION_KEY_PREVIOUS: z.optional(text.check(uncommented)),
  ADMIN_USERNAME: z
    .string({ error: "is missing; choose a name, such as admin" })
    .check(z.minLength(1, { error: "is empty; choose a name, such as admin" })),
  ADMIN_PASSWORD: z
    .string({ error: "is missing; make one: openssl rand -base64 18" })
    .check(
      z.minLength(8, { error: "must have at least 8 characters; make one: openssl rand -base64 18" }),
      uncommented,
      unpublished("openssl rand -base64 18"),
    ),
  ADMIN_PASSWORD_RESET: z._default(flag, false),
  UPSTASH_REDIS_REST_URL: z.optional(
    url("https://xxx.upstash.io, which the database page of the Upstash console shows"),
  ),
  UPSTASH_REDIS_REST_TOKEN: z.optional(token),
  REDIS_URL: z.optional(
    text.check(
      z.refine(isRedisUrl, { error: "must look like redis://user:password@host:6379/0, or rediss:// for TLS" }),
    ),
  ),
  REDIS_HOST: z.optional(
    text.check(
      z.regex(/^([\w.-]+|[\da-f:]+)$/i, {
        error:
          "must be a name alone, such as xxx.upstash.io: no https:// (that is UPSTASH_REDIS_REST_URL), and the port goes into REDIS_PORT",
      }),
    ),
  ),
  REDIS_PORT: z._default(number(1, 65_535), 6379),
  REDIS_PASSWORD: z.optional(text.check(uncommented)),
  REDIS_DB: z._default(number(0, 1_000_000), 0),
  REDIS_ENABLE_TLS: z._default(flag, false),
  REDIS_KEY_PREFIX: z._default(text, "relay:"),
  DATA_DIR: z._default(text, "data"),
  QSTASH_URL: z._default(url("https://qstash.upstash.io"), "https://qstash.upstash.io"),
  QSTASH_TOKEN: z.optional(token),
  QSTASH_CURRENT_SIGNING_KEY: z.optional(token),
  QSTASH_NEXT_SIGNING_KEY: z.optional(token),
  PUBLIC_URL: z.optional(url("https://relay.example.com")),
  ORIGIN_SECRET: z.optional(token),
  PORT: z._default(number(0, 65_535), 3000),
  HOST: z._default(text, "0.0.0.0"),
  ALLOW_HTTP_CONSOLE: z._default(flag, false),
  NODE_ENV: z._default(text, "production"),
  TRUST_PROXY: z._default(
    z.pipe(
      text.check(z.refine((value) => readTrust(value) !== undefined, { error: trustError })),
      z.transform((value: string) => readTrust(value) ?? 0),
    ),
    0,
  ),
  /** Whose pages may call the relay from a browser (docs/clients.md). */
  CORS_ORIGINS: z.optional(
    z.pipe(
      text.check(z.refine((value) => readOrigins(value).every(isOrigin), { error: originError })),
      z.transform(readOrigins),
    ),
  ),
  ALLOW_PRIVATE_UPSTREAMS: z.optional(flag),
  LOG_LEVEL: z._default(z.enum(logLevels, { error: `must be one of ${logLevels.join(", ")}` }), "info"),
  REQUEST_TIMEOUT: z._default(number(1_000, 3_600_000), 600_000),
  REQUEST_MAX_SIZE_MB: z._default(number(0.001, 1_000), 60),
  BODY_MAX_SECONDS: z._default(number(1, 86_400), 600),
  BODY_MIN_KB_PER_SECOND: z._default(number(0, 100_000), 4),
  BODIES_MAX_MB: z._default(number(0, 1_000_000), 0),
  READER_MAX_STALL_SECONDS: z._default(number(1, 86_400), 120),
  KEY_MAX_CALLS: z._default(number(1, 1_000_000), 1_000),
  KEY_MAX_SOCKETS: z._default(number(1, 1_000_000), 100),
  CALL_MAX_SECONDS: z._default(number(0, 86_400), 0),
  CALL_MAX_USD: z._default(number(0, 1_000_000), 0),
  FIRST_BYTE_SECONDS: z._default(number(0, 3_600), 0),
  REVOKE_CHECK_SECONDS: z._default(number(0, 300), 10),
  /** Of a model without a price, where a cost limit holds: price it as its dearest kin, refuse it, or let it pass at $0. */
  UNPRICED_MODELS: z._default(
    z.enum(["dearest", "refuse", "pass"], { error: "must be dearest, refuse or pass" }),
    "dearest",
  ),
  /** Stands behind the refusal of a spent limit: whom to ask. */
  LIMIT_MESSAGE: z.optional(text.check(z.maxLength(300, { error: "may have at most 300 characters" }))),
  KEEPALIVE_SECONDS: z._default(number(1, 300), 15),
  TIMEZONE: z.optional(text.check(z.refine(isTimeZone, { error: "must be an IANA name, such as Asia/Shanghai" }))),
  TIMEZONE_OFFSET: z._default(number(-14, 14), 8),
  TOKEN_REFRESH_INTERVAL: z._default(number(1, 1_440), 30),
  KEEP_ALIVE_MINUTES: z._default(number(0, 1_440), 0),
  RATE_LIMIT_CLEANUP_INTERVAL: z._default(number(1, 1_440), 30),
  ENABLE_USAGE_STATISTICS: z._default(flag, true),
  METRICS_TOKEN: z.optional(token),
  WEB_TITLE: z._default(text, "Claude Relay"),
  WEB_LOGO_URL: z.optional(url("https://example.com/logo.svg")),
});

export const settingNames: readonly string[] = Object.keys(schema.shape);

/** The parsed environment. Keys keep the names that users write, so that a message, the docs and the code say the same. */
export type Config = Readonly<z.infer<typeof schema>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem at once, one line each: the name, what is wrong, how to make a good value. `EX_CONFIG` of sysexits.h is 78. */
export class ConfigError extends Error {
  static readonly exitCode = 78;
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Parses the environment. Blanks around a value are no part of it, and an empty value counts as not set. Throws ConfigError. */
export function parseConfig(environment: Environment): Config {
  const given = withTls(
    Object.fromEntries(
      Object.entries(environment)
        .map(([name, value]) => [name, value?.trim()] as const)
        .filter(([, value]) => value !== undefined && value !== ""),
    ),
  );
  const result = schema.safeParse(given);
  const issues = result.success ? [] : result.error.issues;
  // A value that is no number fails several checks with the same words.
  const problems = [...new Set(issues.map(({ path, message }) => tell(path.join("."), message, given)))];
  problems.push(...pairs(given), ...(result.success ? silences(result.data) : []));
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return result.data;
}

const mostShown = 60;

/** What it is instead is shown, unless that is a secret or may hold one. */
function tell(name: string, message: string, given: Environment): string {
  const value = given[name];
  if (value === undefined || /SECRET|KEY|PASSWORD|TOKEN$|USERNAME|^REDIS_URL$/.test(name) || /@/.test(value))
    return `${name} ${message}`;
  const shown = value.length > mostShown ? `${value.slice(0, mostShown)}…` : value;
  return `${name} ${message} (it is "${shown}")`;
}

/** Upstash speaks TLS only, and the address that its console shows to copy begins with redis:// all the same. */
function withTls(given: Environment): Environment {
  const { REDIS_HOST, REDIS_URL, REDIS_ENABLE_TLS } = given;
  const isUpstash = /\.upstash\.io$/i.test(REDIS_HOST ?? "");
  return {
    ...given,
    ...(isUpstash && REDIS_ENABLE_TLS === undefined ? { REDIS_ENABLE_TLS: "true" } : {}),
    ...(REDIS_URL && /\.upstash\.io(:|\/|$)/i.test(REDIS_URL)
      ? { REDIS_URL: REDIS_URL.replace(/^redis:/i, "rediss:") }
      : {}),
  };
}

/** A stream whose signs of life come too late would be ended as silent. */
function silences({ FIRST_BYTE_SECONDS: most, KEEPALIVE_SECONDS: every }: Config): string[] {
  if (most === 0 || every < most) return [];
  return [`KEEPALIVE_SECONDS must be less than ${most}, after which a silent call is ended (it is "${every}")`];
}

/** Names that only make sense together. */
function pairs(given: Environment): string[] {
  const problems: string[] = [];
  const need = (name: string, other: string, why: string) => {
    if (given[name] !== undefined && given[other] === undefined)
      problems.push(`${other} is missing; ${name} needs it: ${why}`);
  };
  need("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "copy it from the database page of the Upstash console");
  need("UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL", "copy it from the database page of the Upstash console");
  need("QSTASH_TOKEN", "QSTASH_CURRENT_SIGNING_KEY", "copy it from the QStash page of the Upstash console");
  need("QSTASH_TOKEN", "QSTASH_NEXT_SIGNING_KEY", "copy it from the QStash page of the Upstash console");
  need("QSTASH_TOKEN", "PUBLIC_URL", "QStash calls the relay there, such as https://relay.example.com");
  // Else the data would lie in a file that nobody asked for, and be lost with the container.
  const isRedisMeant = given.REDIS_PASSWORD !== undefined || /^(true|1)$/i.test(given.REDIS_ENABLE_TLS ?? "");
  if (isRedisMeant && storeKind(given) === "embedded") {
    const name = given.REDIS_PASSWORD === undefined ? "REDIS_ENABLE_TLS" : "REDIS_PASSWORD";
    problems.push(`REDIS_HOST is missing; ${name} needs it: the name of the server, such as xxx.upstash.io`);
  }
  return problems;
}

/** Which store the environment asks for (docs/guide.md): REST first, as on Lambda, then TCP, else the file under `DATA_DIR`. */
export function storeKind(config: Environment | Config): "upstash" | "tcp" | "embedded" {
  if (config.UPSTASH_REDIS_REST_URL) return "upstash";
  if (config.REDIS_URL || config.REDIS_HOST) return "tcp";
  return "embedded";
}

/**
 * Whether accounts, proxies and webhooks may be at private addresses. Unless it is set: yes with the embedded store, which
 * is a machine of one's own where Ollama or a proxy stand beside the relay; no where others' networks may lie around it.
 */
export function allowsPrivate(config: Config): boolean {
  return config.ALLOW_PRIVATE_UPSTREAMS ?? storeKind(config) === "embedded";
}
