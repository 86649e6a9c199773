import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type RunningServer } from "../../functions/runtimes/node/node.ts";
import { parseConfig, type Environment } from "../../functions/config.ts";
import type { Credential } from "../../functions/core/accounts/account.ts";
import type { ApiKey } from "../../functions/core/keys/key.ts";
import { keyDefaults, putKey } from "../../functions/core/keys/key.ts";
import { cells, rowName } from "../../functions/core/limits/meter.ts";
import { dayOf } from "../../functions/core/limits/period.ts";
import { readMeters } from "../../functions/core/limits/limit-status.ts";
import type { Usage, UsageEvent } from "../../functions/core/money/usage.ts";
import { testEnvironment } from "../environment.ts";
import { startRedis } from "../redis/server.ts";
import { addAccount, addKey } from "../rig.ts";
import { simulatedProject } from "../upstream/gemini/code-assist.ts";
import { type RecordedRequest, startUpstream, type Upstream } from "../upstream/upstream.ts";
import { until } from "./wait.ts";

/** The relay as it runs for its users, over one kind of store, with the simulated provider behind it. */
export interface Stage {
  readonly store: "embedded" | "redis";
  readonly upstream: Upstream;
  /** A key of its own, bound to accounts of its own, for one check. */
  seat(directives?: string, openaiLanguage?: string): Promise<Seat>;
  /** Lines of the relay's log at level warn or worse. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

export interface Seat {
  readonly url: string;
  readonly secret: string;
  /** An empty directory, for a home. Removed with the stage. */
  readonly directory: string;
  /** What the provider was asked with this seat's credentials. */
  asked(): readonly RecordedRequest[];
  /** What the relay has booked for this key, once nothing of it is under way. Rejects if something stays under way. */
  booked(): Promise<UsageEvent[]>;
  /** Gives the key a day's budget, a part of which is spent. */
  spend(dailyCostNanos: number, part: number): Promise<void>;
}

/** Figures that the simulated provider reports of every answer, as a credential names them, and as they must be booked. */
export const figures = "in=1200+out=34+read=560+w5m=78";
export const figuresBooked: Partial<Usage> = {
  inputTokens: 1_200,
  outputTokens: 34,
  cacheReadTokens: 560,
  cacheWrite5mTokens: 78,
  cacheWrite1hTokens: 0,
};

export function assertFigures(event: UsageEvent, expected: Partial<Usage> = figuresBooked): void {
  assert.partialDeepStrictEqual(event.usage, expected);
  assert.equal(event.outcome, "complete");
}

const services = ["anthropic", "openai", "gemini", "code-assist"] as const;

export async function startStage(store: Stage["store"]): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "relay-clients-"));
  const upstream = await startUpstream();
  const redis = store === "redis" ? await startRedis() : undefined;
  const complaints: string[] = [];
  const environment: Environment = {
    ...testEnvironment,
    ...{ DATA_DIR: directory, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "warn" },
    LIMIT_MESSAGE: "Ask ops@example.com.",
    ...(redis ? { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) } : {}),
  };
  const server = await startServer({ config: parseConfig(environment), write: (line) => void complaints.push(line) });
  let seats = 0;
  return {
    ...{ store, upstream, complaints },
    seat(directives = "ok", openaiLanguage) {
      const name = `${store}-${(seats += 1)}`;
      const home = mkdtempSync(join(directory, "home-"));
      return takeSeat({ server, upstream, name, directives, directory: home, openaiLanguage });
    },
    async stop() {
      await server.close(1_000);
      await redis?.stop();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Taking {
  readonly server: RunningServer;
  readonly upstream: Upstream;
  readonly name: string;
  readonly directives: string;
  readonly directory: string;
  readonly openaiLanguage: string | undefined;
}

async function takeSeat({ server, upstream, name, directives, directory, openaiLanguage }: Taking): Promise<Seat> {
  const { env, url } = server;
  for (const kind of services) {
    const id = `${name}-${kind}`;
    const settings: Readonly<Record<string, string>> =
      kind === "openai" && openaiLanguage !== undefined ? { language: openaiLanguage } : {};
    const account = { id, kind, baseUrl: upstream.url, groups: [name], settings };
    await addAccount(env, account, credentialOf(kind, directives, name));
  }
  const group = `group:${name}`;
  const bindings = { claude: group, openai: group, gemini: group };
  const { key, secret } = await addKey(env, { name, bindings, concurrency: 50, dailyCostNanos: 1e15 });
  const all = async () => {
    const entries = await env.store.readLog("usage", "0", 10_000);
    return entries.map(({ entry }) => JSON.parse(entry) as UsageEvent).filter((event) => event.key === key.id);
  };
  const booked = async () => {
    await untilIdle({ ...keyDefaults, ...key }, server);
    return all();
  };
  const asked = () => upstream.requests.filter(({ credential }) => credential.endsWith(`.${name}`));
  const spend = async (dailyCostNanos: number, part: number) => {
    await putKey(key, { dailyCostNanos }, env);
    const row = rowName(key.id, dayOf(env.now(), env.config).name);
    await env.store.count([{ row, steps: [{ cell: cells.costNanos, by: Math.round(part * dailyCostNanos) }] }]);
  };
  return { url, secret, directory, asked, booked, spend };
}

function credentialOf(kind: (typeof services)[number], directives: string, name: string): Credential {
  const secret = `sk-sim-${directives}.${name}`;
  if (kind !== "code-assist") return { kind: "api-key", secret };
  const extra = { project: simulatedProject };
  return { kind: "oauth", accessToken: `ya29-sim-${directives}.${name}`, expiresAt: Date.now() + 3_600_000, extra };
}

/** A call is settled just after its last byte: waits for that, and not for one that never is. */
async function untilIdle(key: ApiKey, { env }: RunningServer): Promise<void> {
  const look = async () => (await readMeters(key, env))?.underWay;
  await until(look, (underWay) => underWay?.calls === 0 && underWay.nanos === 0 && underWay.tokens === 0);
}
