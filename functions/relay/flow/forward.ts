import type { Call, Dialect } from "../dialects/dialect.ts";
import { guessSent } from "../dialects/reservation.ts";
import { placeOf, type Places } from "../transport/places.ts";
import { send, type Sent } from "../transport/send.ts";
import type { Env } from "../../env.ts";
import { Failure, toFailure, type FailureCode } from "../../failure.ts";
import type { Account, Cooldown, Credential } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { coolAccount } from "../../core/accounts/cooldown.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { outOfSightAt } from "../../core/limits/in-flight.ts";
import { tellLost } from "../../core/limits/limit.ts";
import { takeSeat } from "../../core/accounts/account-slot.ts";
import type { Attempt, Usage } from "../../core/money/usage.ts";
import { noUsage, totalTokens } from "../../core/money/usage.ts";
import type { Explanation, Served } from "../upstreams/served.ts";
import type { Upstream, Verdict } from "../upstreams/upstream.ts";
import { endReason, type HangUp } from "../../wire/exchange.ts";
import { withoutIdentity } from "../../wire/redact.ts";
import { type Judged, openForCall, renewForCall } from "../transport/sign-in.ts";
import { clearTrouble, noteTrouble, troubledLast } from "../transport/trouble.ts";

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

/** A call on its way from account to account. */
interface Trip extends Route {
  readonly judged: Judged;
}

/** `failure`: another account is to be tried; `served`: what passes on if none does better. */
type Tried = { served: Served; failure?: undefined } | { failure: Failure; served?: Served };

/**
 * Sends a call to the first account that serves it. As long as no content of an answer has gone to the client, a refused
 * connection, a limit, an overload, a rejected credential or an error in a stream that has only been opened sends it on to
 * the next one. When all are spent, the last upstream's own words pass through, or its silence becomes a Failure.
 */
export async function forward(route: Route, env: Env): Promise<Served> {
  const trip: Trip = { ...route, judged: { isOne: false } };
  let last: Tried | undefined;
  let sent = 0;
  for (const account of troubledLast(route.candidates, env)) {
    const tried = await tryAccount(account, trip, env);
    if (tried === "busy") continue;
    last = tried;
    if (!last.failure) return last.served;
    if (route.signal.aborted) throw endReason(route.signal) ?? new Failure("client.gone");
    if (++sent === mostAttempts) break;
  }
  if (last?.served) return last.served;
  throw last?.failure ?? busy(env.now());
}

function busy(now: number): Failure {
  const message = `Every account that could serve this request is busy. ${tellLost(outOfSightAt(now))}`;
  return new Failure("account.cooling", { message, retryAfterSeconds: 2 });
}

const nothing = () => undefined;

/** `busy`: it has as many calls under way as it may, and was not asked. */
async function tryAccount(account: Account, route: Trip, env: Env): Promise<Tried | "busy"> {
  const startedAt = env.now();
  const note: Note = (status, said, charge, usage) =>
    route.attempts.push({
      account: account.id,
      status,
      reason: said.message,
      ...(said.type === undefined ? {} : { type: said.type }),
      ...(said.requestId === undefined ? {} : { requestId: said.requestId }),
      startedMs: startedAt - route.startedAt,
      ms: env.now() - startedAt,
      charge,
      costNanos: 0,
      ...(usage ? { usage, model: route.call.model && resolveAlias(route.call.model, account.aliases) } : {}),
    });
  const give = account.maxConcurrency === 0 ? nothing : await takeSeat(account, env);
  if (!give) {
    note(0, { message: "has as many calls under way as it may" }, "none");
    return "busy";
  }
  const leave = once(give);
  let isOut = false;
  const onSent = () => void (isOut = true);
  try {
    const tried = await tryCredentials(account, route, { note, startedAt, leave, onSent }, env);
    if (tried.failure) leave();
    else clearTrouble(account.id, env);
    return tried;
  } catch (error) {
    leave();
    const failure = toFailure(error);
    if (failure.code === "internal") throw failure;
    const isSent = isOut && sentAll.includes(failure.code);
    const usage = isSent ? { ...noUsage(), inputTokens: guessSent(route.call, "gone") } : undefined;
    // What only the operator may know is the failure's cause.
    const words = typeof failure.cause === "string" ? failure.cause : failure.message;
    note(failure.status, { message: `${failure.code}: ${words}` }, isSent ? "probably" : "none", usage);
    if (failure.code === "client.gone") throw failure;
    if (failure.blame === "upstream" && !route.signal.aborted) noteTrouble(account.id, env);
    return { failure };
  }
}

/** After these the provider may have worked, and billed it, if the request had gone out. */
const sentAll: readonly FailureCode[] = ["upstream.timeout", "upstream.broken", "client.gone", "platform.draining"];

/** With the token that is held, and once more with a fresh one if the provider refuses it. */
async function tryCredentials(
  account: Account,
  route: Trip,
  { note, startedAt, leave, onSent }: Pick<Try, "note" | "startedAt" | "leave" | "onSent">,
  env: Env,
): Promise<Tried> {
  const upstream = placeOf(account, route.call, route.places);
  const opened = upstream && (await openForCall(account, upstream, route.judged, env));
  if (!opened) {
    throw new Failure("account.none", {
      message: "The account that was to serve this request has no credential. Ask the operator of this relay.",
      cause: `The account "${account.name}" cannot sign.`,
      isRetryable: false,
    });
  }
  const first: Try = { account, upstream, ...opened, route, note, startedAt, leave, onSent };
  const tried = await tryOnce(first, env);
  if (tried !== "renew") return tried;
  const fresh = await renewForCall(account, upstream, route.judged, env);
  const second: Try = { ...first, credential: fresh, mayRenew: false };
  const again = await tryOnce(second, env);
  return again === "renew" ? { failure: refused() } : again;
}

interface Try {
  readonly account: Account;
  readonly upstream: Upstream;
  readonly credential: Credential;
  readonly route: Trip;
  readonly note: Note;
  readonly startedAt: number;
  onSent(): void;
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

type Said = Partial<Explanation> & Pick<Explanation, "message">;
type Note = (status: number, said: Said, charge: Attempt["charge"], usage?: Usage) => void;

/** Whether an answer goes to the client, or the next account (or a fresh token) is tried. */
async function tryOnce(attempt: Try, env: Env): Promise<Tried | "renew"> {
  const { upstream, route, note } = attempt;
  const bridge = route.places.bridges.find(({ from, to }) => from === route.call.dialect && to === upstream.dialect);
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
  const { served, error } = sent;
  if (!error) {
    const message = emptiness(sent);
    if (message === undefined) return { served: sent.toClient(served) };
    served.inbound.body.cancel();
    noteTrouble(attempt.account.id, env);
    note(served.inbound.status, { message }, "probably");
    return { failure: new Failure("upstream.broken", { message }) };
  }
  const { headers, body } = served.inbound;
  const signal = { status: error.status, headers, error: error.said, model: sent.call.model, nowAt: env.now() };
  const verdict = upstream.judge(signal);
  if (verdict.kind === "pass") return { served: sent.toClient(served) };
  if (served.hasMore) body.cancel();
  const used = served.reader.total();
  if (totalTokens(used) > 0) note(error.status, served.explain(), "probably", used);
  else note(error.status, served.explain(), "none");
  return applyVerdict(verdict, { sent, status: error.status }, attempt, env);
}

/** Why an answer that tells no error is none either. */
function emptiness({ served: { inbound, peeked }, isEmpty }: Sent): string | undefined {
  if ((inbound.headers["content-type"] ?? "").startsWith("text/html")) return "The upstream answered with a web page.";
  if (peeked.length === 0) return "The upstream's answer is empty.";
  return isEmpty ? "The upstream's stream ended before any content." : undefined;
}

async function applyVerdict(
  verdict: Exclude<Verdict, { kind: "pass" }>,
  { sent, status }: { readonly sent: Sent; readonly status: number },
  attempt: Try,
  env: Env,
): Promise<Tried | "renew"> {
  const { account, upstream, route, mayRenew } = attempt;
  if (status >= 500 || status === 402 || status === 408 || verdict.kind === "rejected") noteTrouble(account.id, env);
  if (verdict.kind === "rejected") {
    if (verdict.mayRefresh && mayRenew) return "renew";
    if (!route.judged.isOne) {
      // Its code is needed for a refusal only.
      const { probeAccount } = await import("../transport/probe.ts");
      route.judged.isOne = probeAccount(account, upstream, env);
    }
    return { failure: refused() };
  }
  // A call that is free and unlimited must not take an account from everybody else.
  if (verdict.kind === "cool" && route.call.isMetered && !route.judged.isOne) {
    route.judged.isOne = true;
    await coolDown(account, verdict, { reason: reasonOf(sent, status), pool: route.pool }, env);
  }
  // An error with a status of its own passes on in the upstream's words; one inside a 200 is said again with a status.
  const { served } = sent;
  const failure = inOwnWords(status, withoutIdentity(served.explain().message));
  if (served.inbound.status < 400) return { failure };
  const words = withoutIdentity(Buffer.concat(served.peeked).toString("utf8"));
  return { failure, served: sent.toClient({ ...served, peeked: [Buffer.from(words)], hasMore: false }) };
}

const reasonOf = ({ served }: Sent, status: number): string => {
  const { message } = served.explain();
  return message === `status ${status}` ? message : `${status}: ${message}`;
};

/** An error that came in the opening of a 200: said again with a status, since nothing has been sent yet. */
function inOwnWords(status: number, words: string): Failure {
  return new Failure(status === 429 ? "limit.requests" : status === 529 ? "account.cooling" : "upstream.refused", {
    message: `The upstream refused: ${words}`,
    isRetryable: true,
  });
}

/** Whose account it is and what its provider said of it is the operator's to know: both stand in the request's detail. */
function refused(): Failure {
  return new Failure("credential.rejected", {
    message: "The relay's account was refused by its provider. The operator must sign it in again or replace its key.",
    isRetryable: false,
  });
}

async function coolDown(
  account: Account,
  { scope, untilAt }: Extract<Verdict, { kind: "cool" }>,
  { reason, pool }: { readonly reason: string; readonly pool: Pool },
  env: Env,
): Promise<void> {
  const now = env.now();
  if (untilAt - now < shortestCooldownMs) return;
  const cooldown: Cooldown = { account: account.id, scope, untilAt, sinceAt: now, reason };
  await coolAccount(cooldown, pool, env);
}
