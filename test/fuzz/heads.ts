import fc from "fast-check";
import { checkError, checkOwn } from "./answers-read.ts";
import { exchange, split } from "./exchange.ts";
import { headOf, ways } from "./languages.ts";
import { room } from "./room.ts";

const method = fc.oneof(
  fc.constantFrom(
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "M-SEARCH",
    "get",
    "",
  ),
  fc.string({ maxLength: 8 }),
);
const target = fc.oneof(
  fc.constantFrom(
    ...["/health", "/live", "/v1/messages", "/v1/models", "/openai/v1/models", "/v1beta/models", "/metrics"],
  ),
  fc.constantFrom(
    ...["/admin/session", "/admin/keys", "/web/", "/api/v1/me", "/v1/messages/count_tokens", "/cron/rollup", "*"],
  ),
  fc.constantFrom(
    ...["/v1/%6dessages", "//v1/messages", "/v1/../admin/keys", "/%00", "/%", "http://x/v1/messages", "//", "?", ""],
  ),
  fc.webPath(),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(100, 8_000, 20_000).map((size) => `/${"x".repeat(size)}`),
);
const name = fc.oneof(
  fc.constantFrom(
    ...["accept", "x-api-key", "authorization", "cookie", "x-forwarded-for", "user-agent", "origin", "range"],
  ),
  fc.constantFrom(
    ...["expect", "upgrade", "connection", "te", "trailer", "content-length", "transfer-encoding", "host"],
  ),
  fc.constantFrom(
    ...["content-encoding", "content-type", "anthropic-beta", "__proto__", "constructor", "x-http-method-override"],
  ),
  fc.string({ maxLength: 12 }),
);
const value = fc.oneof(
  fc.constantFrom(
    ...["", "*/*", "close", "keep-alive", "100-continue", "websocket", "h2c", "chunked", "gzip, chunked", "0", "5"],
  ),
  fc.constantFrom(
    ...["-1", "1e3", "99999999999999999999", "bytes=0-", "Bearer ", "Basic eDp5", "10.0.0.1, ::1", "\t", "a\r\n b"],
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(1_000, 17_000).map((size) => "v".repeat(size)),
);
const separator = fc.constantFrom(": ", ":", " : ", ":\t", "");
const lineEnd = fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r");

/** Not a request at all, or one in an odd form. */
const strange = fc.record({
  method,
  target,
  version: fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1", ""),
  headers: fc.array(fc.tuple(name, separator, value), { maxLength: 6 }),
  isHosted: fc.boolean(),
  lineEnd,
  body: fc.oneof(
    fc.constantFrom(
      "",
      "",
      "{}",
      "5\r\nhello\r\n0\r\n\r\n",
      "5;x=y\r\nhello\r\n0\r\nx: y\r\n\r\n",
      "fffffffffffffffff\r\n",
      "0\r\n",
      "-1\r\n",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
  ),
});

/** A call that is right, before or behind such: pipelining. */
const right = fc.record({ way: fc.constantFrom(...ways.keys()), isStream: fc.boolean() });

/** Heads: split anywhere, odd in every part, one behind the other. */
export const heads = room({
  name: "heads",
  arbitrary: fc.record({
    requests: fc.array(fc.oneof({ weight: 3, arbitrary: strange }, { weight: 1, arbitrary: right }), {
      minLength: 1,
      maxLength: 4,
    }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
    leaving: fc.constantFrom("half-closes", "half-closes", "half-closes", "waits", "resets"),
  }),
  async attempt({ requests, cuts, leaving }, { url, secret }) {
    const texts = requests.map((made) => ("way" in made ? writeRight(made, secret) : writeStrange(made)));
    const methods = requests.map((made) => ("way" in made ? "POST" : made.method));
    const bytes = Buffer.from(texts.join(""), "latin1");
    const answers = await exchange(url, split(bytes, cuts), methods, leaving, 1_000);
    answers.forEach(checkOwn);
    for (const answer of answers) checkError(answer, undefined);
  },
});

type Strange = typeof strange extends fc.Arbitrary<infer T> ? T : never;

function writeStrange(made: Strange): string {
  const lines = made.headers.map(([key, between, told]) => `${key}${between}${told}`);
  const first = [made.method, made.target, made.version].join(" ");
  return [first, ...(made.isHosted ? ["host: relay"] : []), ...lines, "", made.body].join(made.lineEnd);
}

function writeRight({ way: index, isStream }: { way: number; isStream: boolean }, secret: string): string {
  const way = ways[index];
  if (!way) return "";
  const body = JSON.stringify(way.body("hello", isStream));
  return headOf(way, isStream, secret, [`content-length: ${Buffer.byteLength(body)}`]) + body;
}
