import packageFile from "../../package.json" with { type: "json" };
import { type Env, perEnv } from "../env.ts";
import { answerProbe } from "../operations/doctor/probe.ts";
import { buildWatch, noteStore } from "../core/process/counters.ts";
import type { StoreWatch } from "../stores/store.ts";
import { json, type Answer, type Request } from "../wire/exchange.ts";

/**
 * GET|HEAD /live, also /health?live=1: whether the process serves, for a platform that ends it if not: 200, and 503 only while
 * it drains. A store that is down is no reason: a restart mends no store, cuts every stream and takes the console away.
 *
 * GET|HEAD /health, for monitors: 200 `{status: "ok", version, store: {kind, state: "up", latencyMs}}`, or 503 with `status` "draining" or
 * "store-down". GET|HEAD /api and /claude, which clients ask to see whether the relay is there: 200, without the store.
 *
 * A monitor that asks every few seconds must cost nothing where every command is billed. So /health tells what the last
 * real call saw of the store (`watchStore`) and spends a command only when nobody has seen it yet, when it was down at last
 * sight, or for `?deep=1`; in each case at most one in 15 seconds. An idle service spends one command a process.
 */
export async function handle(request: Request, env: Env): Promise<Answer> {
  const query = new URLSearchParams(request.query);
  if (request.path === "/live" || (request.path === "/health" && query.get("live") === "1"))
    return env.isDraining() ? json(503, { status: "draining" }) : json(200, { status: "ok" });
  if (request.path !== "/health") return json(200, { status: "ok" });
  const probe = answerProbe(request, env);
  if (probe) return probe;
  const isDeep = query.get("deep") === "1";
  const sight = await look(env, isDeep);
  const trouble = env.store.trouble?.();
  const { latencyMs } = sight;
  const state = trouble === undefined ? sight.state : "down";
  const status = env.isDraining() ? "draining" : state === "up" ? "ok" : "store-down";
  const store = { kind: env.store.kind, state, latencyMs, ...(trouble === undefined ? {} : { trouble }) };
  return json(status === "ok" ? 200 : 503, { status, version: packageFile.version, store });
}

const askAgainMs = 15_000;
/** Where nobody else watches the store. */
const ownWatch = perEnv(buildWatch);

async function look(env: Env, isDeep: boolean): Promise<StoreWatch> {
  const sight = env.store.watch ?? ownWatch(env);
  const isDue = env.now() - sight.askedAt >= askAgainMs;
  if (isDue && (isDeep || sight.state !== "up")) {
    sight.askedAt = env.now();
    const { ended, failed } = noteStore(sight, env.now);
    const askedAt = env.now();
    sight.asking = env.store.ping().then(() => ended(askedAt), failed);
  }
  await sight.asking;
  return sight;
}
