import { type Call, type Dialect, sizeOf } from "../dialects/dialect.ts";
import { placeOf, type Places } from "../transport/places.ts";
import { send } from "../transport/send.ts";
import type { Env } from "../../env.ts";
import { Failure, toFailure, type FailureCode } from "../../failure.ts";
import type { Account, Cooldown, Credential } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { coolAccount, stopAccount } from "../../core/accounts/cooldown.ts";
import { openCredential, openProxy, renewCredential } from "../../core/accounts/credential.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { takeSeat } from "../../core/accounts/account-slot.ts";
import type { Attempt, Usage } from "../../core/money/usage.ts";
import { guessTokens, noUsage, totalTokens } from "../../core/money/usage.ts";
import type { Served } from "../upstreams/served.ts";
import type { Signal, Upstream, Verdict } from "../upstreams/upstream.ts";
import { endReason, type HangUp } from "../../wire/exchange.ts";

/** More tries than this help nobody: the client has waited long, and every failed one may have been charged. */
const mostAttempts = 4;
/** A rest shorter than this is over before it is known everywhere. */
const shortestCooldownMs = 5_000;

export interface Route {
  readonly call: Call;
  readonly dialect: Dialect;
  readonly candidates: readonly Account[];
  readonly places: Places;
  readonly pool: Pool;
  readonly signal: HangUp;
  readonly startedAt: number;
  /** Grows by one entry a try. */
  readonly attempts: Attempt[];
}

/** `failure`: another account is to be tried; `served`: what passes on if none does better. */
type Tried = { served: Served; failure?: undefined } | { failure: Failure; served?: Served };

/**
 * Sends a call to the first account that serves it. As long as no byte of an answer has gone to the client, a refused
 * connection, a limit, an overload, a rejected credential or an error as the first event of a stream sends it on to the
 * next one. When all are spent, the last upstream's own words pass through, or its silence becomes a Failure.
 */
export async function forward(route: Route, env: Env): Promise<Served> {
  let last: Tried | undefined;
  let sent = 0;
  for (const account of route.candidates) {
    const tried = await tryAccount(account, route, env);
    if (tried === "busy") continue;
    last = tried;
    if (!last.failure) return last.served;
    if (route.signal.aborted) throw endReason(route.signal) ?? new Failure("client.gone");
    if (++sent === mostAttempts) break;
  }
  if (last?.served) return last.served;
  throw last?.failure ?? busy();
}

function busy(): Failure {
  const message = "Every account that could serve this request is busy.";
  return new Failure("account.cooling", { message, retryAfterSeconds: 2 });
}

const nothing = () => undefined;

/** `busy`: it has as many calls under way as it may, and was not asked. */
async function tryAccount(account: Account, route: Route, env: Env): Promise<Tried | "busy"> {
  const startedAt = env.now();
  const note: Note = (status, reason, charge, usage) =>
    route.attempts.push({
      account: account.id,
      status,
      reason,
      startedMs: startedAt - route.startedAt,
      ms: env.now() - startedAt,
      charge,
      costNanos: 0,
      ...(usage ? { usage, model: route.call.model && resolveAlias(route.call.model, account.aliases) } : {}),
    });
  const give = account.maxConcurrency === 0 ? nothing : await takeSeat(account, env);
  if (!give) {
    note(0, "has as many calls under way as it may", "none");
    return "busy";
  }
  const leave = once(give);
  try {
    const tried = await tryCredentials(account, route, { note, startedAt, leave }, env);
    if (tried.failure) leave();
    return tried;
  } catch (error) {
    leave();
    const failure = toFailure(error);
    if (failure.code === "internal") throw failure;
    const isSent = sentAll.includes(failure.code);
    const usage = isSent ? { ...noUsage(), inputTokens: guessTokens(sizeOf(route.call)) } : undefined;
    note(failure.status, `${failure.code}: ${failure.message}`, isSent ? "probably" : "none", usage);
    if (failure.code === "client.gone") throw failure;
    return { failure };
  }
}

/** After these the provider may have worked, and billed it. */
const sentAll: readonly FailureCode[] = ["upstream.timeout", "upstream.broken", "client.gone", "platform.draining"];

/** With the token that is held, and once more with a fresh one if the provider refuses it. */
async function tryCredentials(
  account: Account,
  route: Route,
  { note, startedAt, leave }: Pick<Try, "note" | "startedAt" | "leave">,
  env: Env,
): Promise<Tried> {
  const upstream = placeOf(account, route.call.model, route.places);
  const held = openCredential(account, env);
  if (!upstream || !held) {
    throw new Failure("account.none", { message: `The account "${account.name}" cannot sign.`, isRetryable: false });
  }
  const isEnding = isRenewable(held, upstream) && (held.expiresAt ?? Infinity) - env.now() < earlyMs;
  const credential = isEnding ? await renew(account, upstream, env) : held;
  const first: Try = {
    account,
    upstream,
    credential,
    route,
    note,
    startedAt,
    leave,
    mayRenew: !isEnding && isRenewable(held, upstream),
  };
  const tried = await weigh(first, env);
  if (tried !== "renew") return tried;
  const second: Try = { ...first, credential: await renew(account, upstream, env), mayRenew: false };
  const again = await weigh(second, env);
  return again === "renew" ? { failure: rejected(account, "a fresh token was refused too") } : again;
}

interface Try {
  readonly account: Account;
  readonly upstream: Upstream;
  readonly credential: Credential;
  readonly route: Route;
  readonly note: Note;
  readonly startedAt: number;
  leave(): void;
  readonly mayRenew: boolean;
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** A token that ends within this time is renewed before it is used. */
const earlyMs = 60_000;

function isRenewable(credential: Credential, upstream: Upstream): credential is Extract<Credential, { kind: "oauth" }> {
  return credential.kind === "oauth" && credential.refreshToken !== undefined && upstream.refresh !== undefined;
}

/** A sign-in that its own server refuses stops the account; a server that is out of reach, or a lost race, never does. */
async function renew(account: Account, upstream: Upstream, env: Env): Promise<Credential> {
  const proxy = openProxy(account, env);
  try {
    return await renewCredential(
      account,
      (stale) => upstream.refresh?.(stale, account, proxy, env) ?? Promise.resolve(stale),
      env,
    );
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "credential.rejected")
      await stopAccount(account, openCredential(account, env), failure.message, env);
    throw failure;
  }
}

type Note = (status: number, reason: string, charge: Attempt["charge"], usage?: Usage) => void;

/** Whether an answer goes to the client, or the next account (or a fresh token) is tried. */
async function weigh(attempt: Try, env: Env): Promise<Tried | "renew"> {
  const { upstream, route, note } = attempt;
  const bridge = route.places.bridges.find(
    ({ from, to }) => from === route.call.dialect && to.name === upstream.dialect,
  );
  const sent = await send(
    {
      ...attempt,
      call: route.call,
      dialect: route.dialect,
      signal: route.signal,
      ...(upstream.dialect === route.call.dialect ? { bridge: undefined } : { bridge }),
    },
    env,
  );
  const { served } = sent;
  const { inbound, reader, peeked } = served;
  const isError = inbound.status >= 400;
  const isWebPage = !isError && (inbound.headers["content-type"] ?? "").startsWith("text/html");
  if (isWebPage || (!isError && peeked.length === 0)) {
    inbound.body.cancel();
    const message = isWebPage ? "The upstream answered with a web page." : "The upstream's answer is empty.";
    note(inbound.status, message, "probably");
    return { failure: new Failure("upstream.broken", { message }) };
  }
  const error = reader.error();
  if (!isError && !error) return { served: sent.toClient(served) };
  const signal: Signal = {
    status: error?.status ?? inbound.status,
    headers: inbound.headers,
    body: error ? JSON.stringify(error) : Buffer.concat(peeked).toString("utf8"),
    model: sent.call.model,
    nowAt: env.now(),
  };
  const verdict = upstream.judge(signal);
  if (verdict.kind === "pass") return { served: sent.toClient(served) };
  if (served.hasMore) inbound.body.cancel();
  const used = reader.total();
  if (totalTokens(used) > 0) note(signal.status, verdict.reason, "probably", used);
  else note(signal.status, verdict.reason, "none");
  const failed: Failed = { signal, isError, toPass: () => sent.toClient({ ...served, hasMore: false }) };
  return act(verdict, failed, attempt, env);
}

/** An answer that another account is to better. */
interface Failed {
  readonly signal: Signal;
  /** Whether it has an error status, or is an error inside a 200. */
  readonly isError: boolean;
  /** The answer itself, for when no other account does better. */
  toPass(): Served;
}

async function act(
  verdict: Exclude<Verdict, { kind: "pass" }>,
  failed: Failed,
  attempt: Try,
  env: Env,
): Promise<Tried | "renew"> {
  const { account, credential, route, mayRenew } = attempt;
  if (verdict.kind === "rejected") {
    if (verdict.mayRefresh && mayRenew) return "renew";
    await stopAccount(account, credential, verdict.reason, env);
    return { failure: rejected(account, verdict.reason) };
  }
  if (verdict.kind === "cool") await rest(account, verdict, route.pool, env);
  // An error with a status of its own passes on in the upstream's words; one inside a 200 is said again with a status.
  if (!failed.isError) return { failure: wordless(failed.signal.status, verdict.reason) };
  return { failure: new Failure("upstream.refused", { message: verdict.reason }), served: failed.toPass() };
}

/** An error that came as the first event of a 200: said again with a status, since nothing has been sent yet. */
function wordless(status: number, reason: string): Failure {
  return new Failure(status === 429 ? "limit.requests" : status === 529 ? "account.cooling" : "upstream.refused", {
    message: `The upstream refused: ${reason}`,
    isRetryable: true,
  });
}

function rejected(account: Account, reason: string): Failure {
  return new Failure("credential.rejected", {
    message: `The relay's account "${account.name}" was refused by its provider (${reason}). The operator must sign it in again or replace its key.`,
    isRetryable: false,
  });
}

async function rest(
  account: Account,
  verdict: Extract<Verdict, { kind: "cool" }>,
  pool: Pool,
  env: Env,
): Promise<void> {
  const now = env.now();
  if (verdict.untilAt - now < shortestCooldownMs) return;
  const cooldown: Cooldown = {
    account: account.id,
    scope: verdict.scope,
    untilAt: verdict.untilAt,
    sinceAt: now,
    reason: verdict.reason,
  };
  await coolAccount(cooldown, pool, env);
}
