import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../functions/runtimes/node/node.ts";
import { parseConfig } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import { rollUp } from "../functions/core/usage/rollup/rollup.ts";
import { usageLog } from "../functions/core/usage/log.ts";
import { testEnvironment } from "../test/environment.ts";
import { startRedis } from "../test/redis/server.ts";
import { addAccount, addKey } from "../test/rig.ts";
import { buildEvent } from "../test/usage.ts";
import { median } from "./load.ts";

const keyCount = 500;
const dayCount = 30;
const dayMs = 86_400_000;

export interface DashboardCost {
  readonly commands: number;
  /** Of a server that has just started and has read nothing yet. */
  readonly ms: number;
}

/** The console's front page over 500 keys that were all used on each of 30 days, from a genuine Redis on loopback. */
export async function measureDashboard(rounds: number): Promise<DashboardCost> {
  const redis = await startRedis();
  const scratch = mkdtempSync(join(tmpdir(), "relay-statistics-"));
  const address = { REDIS_HOST: redis.host, REDIS_PORT: String(redis.port) };
  const config = parseConfig({ ...testEnvironment, ...address, PORT: "0", HOST: "127.0.0.1", DATA_DIR: scratch });
  const start = () => startServer({ config, write: () => undefined });
  const first = await start();
  await fill(first.env);
  await first.close(0);
  const costs: DashboardCost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const server = await start();
    const authorization = await signIn(server.url);
    await redis.resetCommandCount();
    const startedAt = performance.now();
    const answer = await fetch(`${server.url}/admin/usage/overview?days=${dayCount}`, { headers: { authorization } });
    const text = await answer.text();
    const ms = performance.now() - startedAt;
    if (!text.includes('"trend"')) throw new Error(`The overview answered ${answer.status}: ${text.slice(0, 200)}`);
    costs.push({ ms, commands: await redis.commandCount() });
    await server.close(0);
  }
  await redis.stop();
  rmSync(scratch, { recursive: true, force: true });
  return { commands: Math.max(...costs.map((cost) => cost.commands)), ms: median(costs.map((cost) => cost.ms)) };
}

async function fill(env: Env): Promise<void> {
  for (const id of ["one", "two", "three"]) await addAccount(env, { id }, { kind: "api-key", secret: "none" });
  const keys = await Promise.all(Array.from({ length: keyCount }, (_, index) => addKey(env, { name: `Key ${index}` })));
  const models = ["claude-opus-4-8", "claude-sonnet-4-6", "gpt-5-codex"];
  for (let day = dayCount - 1; day >= 0; day -= 1) {
    const events = keys.flatMap(({ key }, index) =>
      models.slice(0, 1 + (index % 3)).map((model, place) =>
        buildEvent({
          id: `${day}-${index}-${place}`,
          at: env.now() - day * dayMs,
          key: key.id,
          account: ["one", "two", "three"][(index + place) % 3],
          model,
          costNanos: 1_000_000 + index,
        }),
      ),
    );
    await Promise.all(events.map((event) => env.store.append(usageLog, JSON.stringify(event))));
  }
  await rollUp(Number.POSITIVE_INFINITY, env);
}

async function signIn(url: string): Promise<string> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = testEnvironment;
  const answer = await fetch(`${url}/admin/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password, bearer: true }),
  });
  const { token } = (await answer.json()) as { token: string };
  return `Bearer ${token}`;
}
