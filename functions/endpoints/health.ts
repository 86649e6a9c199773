import packageFile from "../../package.json" with { type: "json" };
import type { Env } from "../env.ts";
import { toFailure } from "../failure.ts";
import { answerProbe } from "../operations/doctor/probe.ts";
import { countCommands, type Witness } from "../core/process/counters.ts";
import type { Store } from "../stores/store.ts";
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

interface Sight {
  state: "up" | "down" | "unseen";
  /** Of the last call that was answered. */
  latencyMs?: number;
  /** When this endpoint last asked by itself. */
  askedAt: number;
  asking?: Promise<void>;
}

const askAgainMs = 15_000;
const sights = new WeakMap<Store, Sight>();

function sightOf(store: Store): Sight {
  const known = sights.get(store) ?? { state: "unseen", askedAt: Number.NEGATIVE_INFINITY };
  sights.set(store, known);
  return known;
}

async function look(env: Env, isDeep: boolean): Promise<Sight> {
  const sight = sightOf(env.store);
  const isDue = env.now() - sight.askedAt >= askAgainMs;
  if (isDue && (isDeep || sight.state !== "up")) {
    sight.askedAt = env.now();
    const { ended, failed } = witnessOf(sight, env.now);
    const askedAt = env.now();
    sight.asking = env.store.ping().then(() => ended(askedAt), failed);
  }
  await sight.asking;
  return sight;
}

/** A store whose calls are counted and watched, so that /health knows how it is without asking. */
export function watchStore(store: Store, now: () => number): Store {
  const sight: Sight = { state: "unseen", askedAt: Number.NEGATIVE_INFINITY };
  const watched = countCommands(store, witnessOf(sight, now), now);
  sights.set(watched, sight);
  return watched;
}

function witnessOf(sight: Sight, now: () => number): Witness {
  return {
    ended(startedAt) {
      sight.state = "up";
      sight.latencyMs = now() - startedAt;
    },
    failed(error) {
      // An error of another kind is a mistake in the call, and says that the store answers.
      sight.state = toFailure(error).code === "store.unavailable" ? "down" : "up";
    },
  };
}
