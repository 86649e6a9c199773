import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as ask, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig, type Environment } from "../functions/config.ts";
import { listCalls, putSchedules } from "../functions/operations/jobs/schedules.ts";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { cli } from "../scripts/cli.ts";
import type { Terminal } from "../scripts/cli/command.ts";
import { checkHttps } from "../scripts/doctor/outside.ts";
import { startQStash, type SimulatedQStash } from "./infra/qstash.ts";
import { startRedis, type RedisServer } from "./redis/server.ts";
import { startUpstash, type UpstashStandIn } from "./redis/upstash.ts";
import { addAccount } from "./rig.ts";

/** Broken set-ups of every kind, and right ones: what the doctor says of each, and that it says no more. */
const scratch = mkdtempSync(join(tmpdir(), "relay-doctor-test-"));
const servers: Server[] = [];
let [redis, evicting]: RedisServer[] = [];
let upstash: UpstashStandIn;
let qstash: SimulatedQStash;
let right: Record<string, string>;
const relays: RunningServer[] = [];

const portOf = (server: Server) => (server.address() as AddressInfo).port;
async function listen(server: Server, port = 0): Promise<string> {
  servers.push(server.listen(port, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${portOf(server)}`;
}
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A relay at PUBLIC_URL, with the environment as it should be but for what is given. */
async function startRelay(more: Environment = {}): Promise<Record<string, string>> {
  const port = await freePort();
  const environment = {
    ...right,
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...more,
  };
  const config = parseConfig(environment);
  const server = await startServer({ config, write: () => undefined });
  relays.push(server);
  if (config.QSTASH_TOKEN && config.PUBLIC_URL)
    await putSchedules(config.PUBLIC_URL, listCalls({}), { url: qstash.url, token: qstash.token });
  return environment as Record<string, string>;
}

interface Proxying {
  readonly holdsBack?: boolean;
  readonly mostBytes?: number;
  readonly headers?: Record<string, string>;
}

/** What stands in front of a relay, as nginx would by its defaults. */
function startProxy(
  target: string,
  { holdsBack = false, mostBytes = Infinity, headers = {} }: Proxying,
): Promise<string> {
  return listen(
    createServer((request, response) => {
      if (Number(request.headers["content-length"] ?? 0) > mostBytes) {
        request.resume();
        return void response.writeHead(413).end("<html>413 Request Entity Too Large</html>");
      }
      const outgoing = ask(target + request.url, {
        method: request.method,
        headers: { ...request.headers, ...headers },
      });
      outgoing.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        const held: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => (holdsBack ? held.push(chunk) : response.write(chunk)));
        answer.on("end", () => response.end(Buffer.concat(held)));
      });
      request.pipe(outgoing);
    }),
  );
}

let clock: string;
const clockAt = (aheadMs: number) =>
  listen(
    createServer((_, response) => {
      response.sendDate = false;
      response.writeHead(200, { date: new Date(Date.now() + aheadMs).toUTCString() }).end();
    }),
  );

beforeAll(async () => {
  [redis, evicting] = await Promise.all([startRedis({ password: "right" }), startRedis()]);
  [upstash, qstash, clock] = await Promise.all([startUpstash(evicting), startQStash(), clockAt(0)]);
  right = {
    ...{ JWT_SECRET: "4e1f".repeat(8) + "0123456789abcdef".repeat(4), ENCRYPTION_KEY: "0123456789abcdef".repeat(4) },
    ...{ ADMIN_USERNAME: "admin", ADMIN_PASSWORD: "correct horse battery" },
    ...{ REDIS_HOST: redis.host, REDIS_PORT: String(redis.port), REDIS_PASSWORD: "right" },
    ...{ QSTASH_URL: qstash.url, QSTASH_TOKEN: qstash.token },
    ...{ QSTASH_CURRENT_SIGNING_KEY: "sig_current", QSTASH_NEXT_SIGNING_KEY: "sig_next" },
  };
  right = await startRelay();
  const [relay] = relays;
  if (relay) await addAccount(relay.env, { name: "linked" }, { kind: "api-key", secret: "sk-sim" });
});

afterAll(async () => {
  for (const relay of relays) await relay.close(0);
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  qstash.stop();
  await upstash.stop();
  await Promise.all([redis?.stop(), evicting?.stop()]);
  rmSync(scratch, { recursive: true, force: true });
});

async function doctor(environment: Environment, args: readonly string[] = []) {
  const lines: string[] = [];
  const terminal: Terminal = {
    environment,
    say: (line) => void lines.push(line),
    askSecret: () => Promise.resolve(undefined),
    isYes: () => Promise.resolve(false),
  };
  const time = args.includes("--clock") ? [] : ["--clock", clock];
  const code = await cli(["doctor", ...time, ...args], terminal);
  const of = (mark: string) => lines.filter((line) => line.startsWith(mark));
  return { code, lines, bad: of("BAD"), notes: of("note") };
}

describe("a right set-up", () => {
  test("is called right, in every look", async () => {
    const { code, lines, bad, notes } = await doctor(right);
    expect({ bad, notes }).toEqual({ bad: [], notes: [] });
    expect(code).toBe(0);
    for (const look of [
      /^ok .*every value is one that the relay starts with/,
      /^ok .*clock .*within \d s/,
      /^ok .*Redis at 127\.0\.0\.1:\d+, without TLS answers in [\d.]+ ms/,
      /^ok .*ENCRYPTION_KEY opens what is stored \(1 account\)/,
      /^ok .*one was streamed, for [123] Redis commands/,
      /^ok .*Claude Relay \d+\.\d+\.\d+ answers at http:\/\/127\.0\.0\.1/,
      /^ok .*https .*this machine only/,
      /^ok .*large ones come through/,
      /^ok .*events come one by one/,
      /^ok .*this machine is seen as 127\.0\.0\.1/,
      /^ok .*its three schedules are there/,
      /^ok .*a signed call is believed/,
    ])
      expect(lines, String(look)).toContainEqual(expect.stringMatching(look));
    // Nothing of the look is left in the store.
    expect(await redis?.send("KEYS", "*doctor-*")).toEqual([]);
  }, 60_000);

  test("over Upstash's REST interface, and with the embedded store, is called right too", async () => {
    const bare = { REDIS_HOST: "", REDIS_PASSWORD: "", QSTASH_TOKEN: "" };
    const rest = await startRelay({
      ...bare,
      UPSTASH_REDIS_REST_URL: upstash.url,
      UPSTASH_REDIS_REST_TOKEN: upstash.token,
    });
    expect(await doctor(rest)).toMatchObject({ code: 0, bad: [] });
    const file = await startRelay({ ...bare, DATA_DIR: join(scratch, "embedded") });
    expect(await doctor(file)).toMatchObject({ code: 0, bad: [] });
  }, 60_000);

  test("behind a proxy that does its part is called right", async () => {
    const behind = await startRelay({ TRUST_PROXY: "true" });
    const headers = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" };
    const front = await startProxy(behind.PUBLIC_URL ?? "", { headers });
    expect(await doctor(behind, ["--url", front])).toMatchObject({ code: 0, bad: [] });
  }, 60_000);
});

type Setup = () =>
  | Promise<{ environment: Environment; args?: readonly string[] }>
  | { environment: Environment; args?: readonly string[] };
const but =
  (more: Environment): Setup =>
  () => ({ environment: { ...right, ...more } });
const relayWith =
  (more: Environment): Setup =>
  async () => ({ environment: await startRelay(more) });
const behindProxy =
  (proxying: Proxying, more: Environment = {}): Setup =>
  async () => {
    const environment = await startRelay(more);
    return { environment, args: ["--url", await startProxy(environment.PUBLIC_URL ?? "", proxying)] };
  };

const broken: readonly (readonly [string, Setup, RegExp])[] = [
  ["a secret that is too short", but({ JWT_SECRET: "short" }), /JWT_SECRET must have at least 32/],
  ["a comment in place of a token", but({ METRICS_TOKEN: "# only if" }), /METRICS_TOKEN must be one word/],
  [
    "a comment behind a value",
    but({ REDIS_ENABLE_TLS: "false  # set" }),
    /REDIS_ENABLE_TLS must be true or false \(it is/,
  ],
  [
    "a secret that is no random value",
    relayWith({ JWT_SECRET: "a".repeat(64), REDIS_KEY_PREFIX: "weak:" }),
    /JWT_SECRET is no random value/,
  ],
  ["a password that is easily guessed", but({ ADMIN_PASSWORD: "admin12345" }), /ADMIN_PASSWORD is easily guessed/],
  [
    "two secrets that are the same",
    but({ METRICS_TOKEN: "0123456789abcdef".repeat(4) }),
    /ENCRYPTION_KEY and METRICS_TOKEN are the same/,
  ],
  ["the store's password is wrong", but({ REDIS_PASSWORD: "wrong" }), /store .*REDIS_PASSWORD is refused/],
  [
    "the store's port is another's",
    () => ({ environment: { ...right, REDIS_PORT: "9" } }),
    /store .*cannot be reached/,
  ],
  [
    "the store's name is unknown",
    but({ REDIS_HOST: "no-such-host.invalid" }),
    /store .*names a server that does not exist/,
  ],
  ["TLS to a Redis that speaks none", but({ REDIS_ENABLE_TLS: "true" }), /store .*over TLS does not serve/],
  [
    "a Redis that throws data away",
    () => ({
      environment: { ...right, REDIS_HOST: "127.0.0.1", REDIS_PORT: String(evicting?.port), REDIS_PASSWORD: "" },
    }),
    /maxmemory-policy allkeys-lru/,
  ],
  [
    "Upstash's token is wrong",
    but({ UPSTASH_REDIS_REST_URL: "x", UPSTASH_REDIS_REST_TOKEN: "wrong" }),
    /UPSTASH_REDIS_REST_URL must begin/,
  ],
  [
    "the key is not the one that sealed",
    but({ ENCRYPTION_KEY: "fedcba9876543210".repeat(4) }),
    /key .*does not open 1 of 1 account: "linked"/,
  ],
  [
    "the clock is late",
    async () => ({ environment: right, args: ["--clock", await clockAt(90_000)] }),
    /clock .*90 s behind/,
  ],
  [
    "the clock is early",
    async () => ({ environment: right, args: ["--clock", await clockAt(-3_600_000)] }),
    /clock .*3600 s ahead/,
  ],
  [
    "nobody is at the address",
    async () => ({ environment: { ...right, PUBLIC_URL: `http://127.0.0.1:${await freePort()}` } }),
    /address .*is not reached/,
  ],
  [
    "the address is another's",
    async () => ({
      environment: right,
      args: ["--url", await listen(createServer((_, answer) => void answer.end("<html>")))],
    }),
    /is no relay/,
  ],
  ["the address has a path", relayWith({ PUBLIC_URL: "http://127.0.0.1:9/api" }), /PUBLIC_URL has a path/],
  [
    "the relay there has other secrets",
    but({ JWT_SECRET: "0123456789abcdef".repeat(5) }),
    /same relay .*another JWT_SECRET/,
  ],
  ["QStash's keys are others'", but({ QSTASH_CURRENT_SIGNING_KEY: "sig_other" }), /qstash .*is refused \(status 401\)/],
  ["QStash's token is wrong", but({ QSTASH_TOKEN: "other" }), /qstash .*QStash answered 401/],
  [
    "the relay there knows no QStash",
    async () => ({
      environment: {
        ...(await startRelay({ QSTASH_TOKEN: "", QSTASH_CURRENT_SIGNING_KEY: "", QSTASH_NEXT_SIGNING_KEY: "" })),
        QSTASH_TOKEN: qstash.token,
        QSTASH_CURRENT_SIGNING_KEY: "sig_current",
        QSTASH_NEXT_SIGNING_KEY: "sig_next",
      },
    }),
    /qstash .*no signing keys/,
  ],
  ["a trusted proxy that is not there", relayWith({ TRUST_PROXY: "true" }), /client .*anybody may claim any address/],
  [
    "a proxy that is not trusted",
    behindProxy({ headers: { "x-forwarded-proto": "https" } }),
    /client .*every client looks like it/,
  ],
  ["a proxy that holds streams back", behindProxy({ holdsBack: true }), /streams .*holds a stream back/],
  [
    "a proxy that takes small requests only",
    behindProxy({ mostBytes: 1_000_000 }),
    /requests .*2 MB does not come through \(status 413\)/,
  ],
  [
    "Render's disk as a store",
    async () => ({
      environment: {
        ...(await startRelay({
          REDIS_HOST: "",
          REDIS_PASSWORD: "",
          QSTASH_TOKEN: "",
          DATA_DIR: join(scratch, "render"),
        })),
        RENDER: "true",
      },
    }),
    /Render empties DATA_DIR/,
  ],
];

test("plain http is called wrong where a browser would keep no sign-in, or strangers could listen", () => {
  const look = (base: string, more: Environment = {}) => checkHttps(base, parseConfig({ ...right, ...more })).state;
  expect(look("http://192.168.1.9:3000")).toBe("bad");
  expect(look("http://192.168.1.9:3000", { ALLOW_HTTP_CONSOLE: "true" })).toBe("warn");
  expect(look("http://relay.example.com", { ALLOW_HTTP_CONSOLE: "true" })).toBe("bad");
  for (const base of ["https://relay.example.com", "http://localhost:3000", "http://[::1]:3000"])
    expect(look(base), base).toBe("ok");
});

describe("a broken set-up is found, told with a remedy, and nothing else is called wrong", () => {
  beforeAll(() => evicting?.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"));
  /** What follows from the fault by itself: the same fault seen from another side. */
  const follows = /^BAD +(qstash|https|address|same relay|health) /;

  // Beside each other: most of a look waits for a stream that takes its time.
  test.concurrent.each(broken)(
    "%s",
    async (_what, setUp, expected) => {
      const { environment, args } = await setUp();
      const { code, lines, bad } = await doctor(environment, args);
      expect(code, lines.join("\n")).toBeGreaterThan(0);
      expect(bad.join("\n")).toMatch(expected);
      expect(bad.filter((line) => !expected.test(line) && !follows.test(line))).toEqual([]);
      const at = lines.findIndex((line) => expected.test(line));
      expect(lines[at + 1]).toMatch(/^ +→ \S+/);
    },
    60_000,
  );

  test("Upstash's plan is spent", async () => {
    const bare = { ...right, REDIS_HOST: "", REDIS_PASSWORD: "", QSTASH_TOKEN: "" };
    upstash.setQuota(0);
    const given = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
    expect((await doctor({ ...bare, ...given })).bad.join("\n")).toMatch(/store .*plan is spent/);
    upstash.setQuota(Infinity);
    const wrong = { ...given, UPSTASH_REDIS_REST_TOKEN: "wrong" };
    expect((await doctor({ ...bare, ...wrong })).bad.join("\n")).toMatch(/UPSTASH_REDIS_REST_TOKEN is refused/);
  }, 60_000);
});
