import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../functions/config.ts";
import { buildLambda, buildServer } from "../../scripts/build.ts";
import { type RelayProcess, startRelayProcess } from "../chaos/relay.ts";
import { openOffice } from "../e2e/office.ts";
import { testEnvironment } from "../environment.ts";
import { startLambda } from "../lambda/start.ts";
import { startRedis } from "../redis/server.ts";
import { startUpstash } from "../redis/upstash.ts";
import { startUpstream } from "../upstream/upstream.ts";
import type { Context, Target, Trial } from "./trial.ts";

/** What all trials run against, built once. */
export interface Built {
  readonly server: string;
  /** Directory of `bundle.mjs`; built when the first trial needs it. */
  messages(): Promise<string>;
  remove(): void;
}

export async function build(): Promise<Built> {
  const directory = mkdtempSync(join(tmpdir(), "relay-attack-build-"));
  await buildServer(join(directory, "server"));
  let messages: Promise<string> | undefined;
  const buildMessages = async () => {
    const name = "relay/messages";
    const at = join(directory, "messages");
    await buildLambda({ name, file: `functions/endpoints/${name}.ts`, directory: at });
    return at;
  };
  return {
    server: join(directory, "server/main.mjs"),
    messages: () => (messages ??= buildMessages()),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const admin = { username: testEnvironment.ADMIN_USERNAME, password: testEnvironment.ADMIN_PASSWORD };
/** Nobody calls as QStash here. */
const qstash = { publicUrl: "https://relay.example.com", signingKey: "none", seesHangUp: true };

export interface Staged {
  readonly context: Context;
  /** Ends all processes; gives what each server's SIGTERM ended with. */
  stop(): Promise<(number | null)[]>;
}

export async function openContext({ settings = {} }: Trial, target: Target, built: Built): Promise<Staged> {
  const ends: (() => Promise<unknown> | void)[] = [];
  const directory = mkdtempSync(join(tmpdir(), "relay-attack-"));
  ends.push(() => rmSync(directory, { recursive: true, force: true }));
  const upstream = await startUpstream({ record: false });
  ends.push(() => upstream.stop());
  const store = await openStore(target, ends);
  const environment: Environment = { ...testEnvironment, ...store, DATA_DIR: directory, ...settings };
  const relays: RelayProcess[] = [];
  let pastLog = "";
  const start = async () => {
    const relay = await startRelayProcess({ HOST: "127.0.0.1", PORT: "0", ...environment }, built.server);
    relays.push(relay);
    return relay;
  };
  const first = await start();
  if (target === "redis") await start();
  const lambda =
    target === "lambda"
      ? await startLambda({ directory: await built.messages(), environment: environment as Record<string, string> })
      : undefined;
  if (lambda) ends.push(() => lambda.stop());
  const log = () => pastLog + relays.map((relay) => relay.log()).join("") + (lambda?.log.join("") ?? "");
  const office = await openOffice({ ...qstash, admin, url: first.url, log, stop: () => Promise.resolve() });
  const context: Context = {
    ...{ target, relays, upstream, office, admin, log },
    url: lambda?.url ?? first.url,
    urls: relays.map(({ url }) => url),
    account: (kind, directives = "ok", more = {}) =>
      office.account({
        ...{ name: `${kind} ${directives}`.slice(0, 60), kind, baseUrl: upstream.url },
        credential: { kind: "api-key", secret: `sk-sim-${directives}` },
        ...more,
      }),
    async restart() {
      pastLog += relays[0]?.log() ?? "";
      relays.shift();
      return start();
    },
  };
  const stop = async () => {
    const codes = await Promise.all(relays.map((relay) => relay.stop()));
    for (const end of ends.reverse()) await end();
    return codes;
  };
  return { context, stop };
}

async function openStore(target: Target, ends: (() => Promise<unknown> | void)[]): Promise<Environment> {
  if (target === "embedded") return {};
  const redis = await startRedis();
  ends.push(() => redis.stop());
  if (target === "redis") return { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) };
  const upstash = await startUpstash(redis);
  ends.push(() => upstash.stop());
  return { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
}
