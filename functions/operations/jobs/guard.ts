import { Receiver } from "@upstash/qstash";
import { decodeJwt } from "jose";
import type { Endpoint, Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Request } from "../../wire/exchange.ts";
import { json } from "../../wire/exchange.ts";
import type { Run } from "./lease.ts";
import { noteSigned } from "./signed.ts";

const limitBytes = 65_536;
const toleranceSeconds = 5;
/** Longer than a signature is good for: QStash signs for five minutes. */
const rememberSeconds = 600;

/**
 * The one guard of the maintenance routes: only what QStash signed for this very address gets through, once. Everybody
 * else is refused before anything happens; where no QStash is configured the routes do not exist.
 */
export function guarded(path: string, run: Run): Endpoint {
  return async (request, env) => {
    const id = await verify(path, request, env);
    const name = `qstash/${id}`;
    const isFirstHere = remember(id, env);
    if (!isFirstHere) throw wrong("was used before");
    noteSigned(env);
    // A run that finds nothing to do changes nothing, so a replay of it at another instance is harmless; whether the
    // message was used elsewhere is asked of the store when there is something to do, and costs nothing else.
    const claim = async () => {
      const isFirst = await env.store.write(name, "used", { ttlSeconds: rememberSeconds, onlyIfAbsent: true });
      if (!isFirst) throw wrong("was used before");
    };
    try {
      return json(200, await run(env, claim));
    } catch (error) {
      if (toFailure(error).code !== "signature.wrong") await giveBack(id, name, env);
      throw error;
    }
  };
}

/** A run that failed did not use its message up: QStash may send the very same one again. */
async function giveBack(id: string, name: string, env: Env): Promise<void> {
  usedOf(env).delete(id);
  // A store that is down has not taken it either, or forgets it within ten minutes.
  await env.store.removeIf(name, "used").catch(() => undefined);
}

async function verify(path: string, request: Request, env: Env): Promise<string> {
  const { QSTASH_CURRENT_SIGNING_KEY: current, QSTASH_NEXT_SIGNING_KEY: next, PUBLIC_URL } = env.config;
  if (!current || !next || !PUBLIC_URL) throw new Failure("route.unknown", { message: `There is no ${path} here.` });
  const signature = request.headers["upstash-signature"];
  if (signature === undefined) throw wrong("is missing");
  // Without `devMode: false` a QSTASH_DEV in the environment would make the receiver trust keys that everybody knows.
  const receiver = new Receiver({ currentSigningKey: current, nextSigningKey: next, devMode: false });
  const body = (await request.body(limitBytes, { mostMs: 10_000 })).toString("utf8");
  // The address as it was scheduled: what a proxy or a gateway makes of the host is not to be believed.
  const url = PUBLIC_URL.replace(/\/+$/, "") + path;
  try {
    await receiver.verify({ signature, body, url, clockTolerance: toleranceSeconds });
  } catch (error) {
    throw wrong("is not valid", error);
  }
  // The receiver accepts a message without an end or an id; such a one could be sent again and again.
  const { exp, jti, sub } = decodeJwt(signature);
  if (typeof exp !== "number" || typeof jti !== "string" || jti === "" || sub !== url) throw wrong("is not complete");
  if (exp * 1000 < env.now() - toleranceSeconds * 1000) throw wrong("has expired");
  return jti;
}

function wrong(what: string, cause?: unknown): Failure {
  return new Failure("signature.wrong", { message: `The header upstash-signature ${what}.`, cause });
}

const usedOf = perEnv(() => new Map<string, number>());

/** False if this instance has seen the id before. */
function remember(id: string, env: Env): boolean {
  const used = usedOf(env);
  if (used.has(id)) return false;
  for (const [known, at] of used) if (env.now() - at > rememberSeconds * 1000) used.delete(known);
  used.set(id, env.now());
  return true;
}
