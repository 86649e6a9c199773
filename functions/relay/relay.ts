import type { Places } from "./transport/places.ts";
import { comeDown, inOperatorsWords, streamHeaders, tellRules } from "./flow/answer-headers.ts";
import { openCeiling, type Ceiling, type Spent } from "./flow/ceiling.ts";
import { type Call, type Dialect, tellRest } from "./dialects/dialect.ts";
import type { Endpoint, Env } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import { admit, lookAgain } from "./flow/admit.ts";
import { openCutoff } from "../core/accounts/revocation.ts";
import { authenticate } from "./flow/authenticate.ts";
import { authorize, refuseStranger } from "./flow/authorize.ts";
import { forward } from "./flow/forward.ts";
import { admitFree, answerProbed } from "./flow/free-calls.ts";
import { type End, observe, refusalCode } from "./flow/observe.ts";
import { watchCall } from "./flow/open-calls.ts";
import { readCall } from "./flow/read-call.ts";
import type { Selection } from "./flow/select.ts";
import { explainNone, rank } from "./flow/select.ts";
import { settle } from "./flow/settle.ts";
import { chargeLast, unused, usageOf } from "./flow/used.ts";
import { findWarm, noteWarm } from "./transport/warm-sessions.ts";
import type { Permit } from "../core/limits/limit.ts";
import type { ApiKey } from "../core/keys/key.ts";
import { type Place, takePlace } from "../core/process/load.ts";
import type { Pool } from "../core/accounts/pool.ts";
import { computeCharge } from "../core/money/charge.ts";
import { inTurn } from "../core/limits/waiting-line.ts";
import { tallyRefusal, tallyStart } from "../core/process/counters.ts";
import { findTracer } from "../core/process/tracing.ts";
import { totalTokens, type Attempt } from "../core/money/usage.ts";
import { type Explanation, type Served, windowsOf } from "./upstreams/served.ts";
import { endReason } from "../wire/exchange.ts";
import type { Answer, HangUp, Pourable, Request, Sink } from "../wire/exchange.ts";
import { withoutIdentity } from "../wire/redact.ts";

/** The whole server: authenticate → admit → select → forward → observe → settle, for one language and the places that speak it. */
export function relay(dialect: Dialect, places: Places): Endpoint {
  return async (request, env) => {
    const startedAt = env.now();
    try {
      return await serve(request, dialect, places, env);
    } catch (error) {
      const failure = toFailure(error);
      if (!failure.detail.isSettled) noteRefusal({ request, dialect, startedAt }, failure, env);
      if (failure.blame === "platform") env.log("error", "call failed", { request: request.id, failure });
      const answer = dialect.refuse(inOperatorsWords(failure, env), request);
      return { ...answer, headers: { ...answer.headers, ...tellRest(dialect, failure.detail.standings, env) } };
    }
  };
}

function noteRefusal(
  { request, dialect, startedAt }: { request: Request; dialect: Dialect; startedAt: number },
  failure: Failure,
  env: Env,
): void {
  tallyRefusal(dialect.name, failure, env);
  findTracer(env)?.refusal({
    id: request.id,
    dialect: dialect.name,
    failure: failure.code,
    status: failure.status,
    startedAt,
    endedAt: env.now(),
    traceparent: request.headers.traceparent,
  });
}

async function serve(request: Request, dialect: Dialect, places: Places, env: Env): Promise<Answer> {
  const startedAt = env.now();
  const caller = await authenticate(dialect.secret(request), request.ip, env);
  refuseStranger(caller.key, dialect.claims(request.headers));
  const isFree = request.method === "GET" || dialect.isFree?.(request) === true;
  const place = takePlace(caller.key, isFree, env);
  try {
    return await serveAt({ request, dialect, places, startedAt, place, isFree, ...caller }, env);
  } catch (error) {
    place.leave();
    throw error;
  }
}

interface Caller {
  readonly request: Request;
  readonly dialect: Dialect;
  readonly places: Places;
  readonly startedAt: number;
  readonly key: ApiKey;
  readonly pool: Pool;
  readonly place: Place;
  readonly isFree: boolean;
}

async function serveAt(caller: Caller, env: Env): Promise<Answer> {
  const { request, dialect, places, startedAt, key, pool, place } = caller;
  const call = await readCall(caller, env);
  authorize(key, call);
  const probed = dialect.answerProbe?.(call, request.id);
  if (!call.isMetered) admitFree(key, env);
  if (probed) return answerProbed(probed, key, dialect, env).finally(() => place.leave());
  const permit = await inTurn(key, () => admit(key, call, pool, env), request.signal, env);
  if (call.isMetered) place.admitted();
  tallyStart(env);
  const admittedAt = env.now();
  const moment = { now: admittedAt, zone: env.config, warm: findWarm(key, call, env) };
  const selection = rank(call, key, pool, places, moment);
  // The request's bytes are for sending only: a stream that stays open for minutes must not hold them.
  const cutoff = openCutoff(request.signal, key.hash, env);
  const ceiling = openCeiling(cutoff.signal, permit, env.config);
  const run: Run = {
    request,
    signal: ceiling ?? cutoff.signal,
    cutoff,
    ceiling,
    dialect,
    call: { ...call, body: nothing, plain: nothing },
    pool,
    place,
    permit,
    selection,
    attempts: [],
    head: { isSent: false },
    startedAt,
    admittedAt,
    selectedAt: env.now(),
  };
  run.leave = watchCall(
    {
      id: request.id,
      signal: run.signal,
      look: () => lookAt(run, env),
      settle: (failure) => finish(run, run.served, failure.status, { outcome: outcomeOf(failure), failure }, env),
    },
    env,
  );
  const first =
    selection.candidates.length === 0
      ? Promise.reject(explainNone(call, selection.passedOver, admittedAt))
      : forward({ ...run, call, places, candidates: selection.candidates }, env);
  const letGo = () => place.letGo();
  first.then(letGo, letGo);
  return call.isStream ? answerStream(run, first, env) : answerServed(run, await orSettle(run, first, env), env);
}

const nothing = Buffer.alloc(0);

/** One call on its way, with everything its settlement will want to know. */
interface Run {
  readonly request: Request;
  /** Fires when the client is gone, the machine must go, or the call is over its ceiling. */
  readonly signal: HangUp;
  /** Ends the call when its key or account is taken away. */
  readonly cutoff: ReturnType<typeof openCutoff>;
  readonly ceiling: Ceiling | undefined;
  readonly dialect: Dialect;
  readonly call: Call;
  readonly pool: Pool;
  readonly place: Place;
  readonly permit: Permit;
  readonly selection: Selection;
  readonly attempts: Attempt[];
  /** Whether the client has its 200 already, while accounts are still tried. */
  readonly head: { isSent: boolean };
  readonly startedAt: number;
  readonly admittedAt: number;
  readonly selectedAt: number;
  /** The answer that goes to the client, once there is one. */
  served?: Served;
  /** Ends the watch over it. */
  leave?: () => void;
}

const outcomeOf = ({ code }: Failure): End["outcome"] => (code === "client.gone" ? "gone" : "broken");

async function orSettle(run: Run, first: Promise<Served>, env: Env): Promise<Served> {
  try {
    return await first;
  } catch (error) {
    const failure = toFailure(error);
    failure.detail.isSettled = true;
    const outcome = failure.code === "client.gone" ? "gone" : "refused";
    finish(run, undefined, failure.status, { outcome, failure }, env);
    throw failure;
  }
}

/**
 * A stream whose first event comes soon gets the upstream's own status and headers. One that makes the client wait gets its
 * head and keep-alive events meanwhile, since proxies cut a silent connection; another account can still be tried then.
 */
function answerStream(run: Run, first: Promise<Served>, env: Env): Promise<Answer> {
  const waiting = orSettle(run, first, env);
  return new Promise((resolve, reject) => {
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      run.head.isSent = true;
      const headers = {
        "content-type": "text/event-stream; charset=utf-8",
        ...tellRest(run.dialect, run.permit.standings, env),
        ...streamHeaders(run.call.isStream),
      };
      resolve({ status: 200, headers, body: { pour: (sink) => pourSlowly(run, waiting, sink, env) } });
    }, env.config.KEEPALIVE_SECONDS * 1000);
    waiting.then(
      (served) => {
        clearTimeout(timer);
        if (!isSlow) resolve(answerServed(run, served, env));
      },
      (failure: Failure) => {
        clearTimeout(timer);
        reject(failure);
      },
    );
  });
}

/** The wait goes on under keep-alive events; then the answer follows, or the dialect's own error event. */
async function pourSlowly(run: Run, waiting: Promise<Served>, sink: Sink, env: Env): Promise<void> {
  const beat = () => void sink.write(run.dialect.keepalive);
  beat();
  const timer = setInterval(beat, env.config.KEEPALIVE_SECONDS * 1000);
  try {
    const served = await waiting;
    clearInterval(timer);
    if (served.inbound.status < 400) return await bodyOf(run, served, env).pour(sink);
    // The head is gone already: a refusal can only be said as the dialect's error event now.
    if (served.hasMore) served.inbound.body.cancel();
    const { status } = served.inbound;
    const { message } = served.explain();
    const code = refusalCode(status);
    finish(run, served, status, { outcome: "failed", failure: new Failure(code, { message }) }, env);
    const told = `The upstream answered ${status}: ${withoutIdentity(message)}`;
    sink.write(run.dialect.interrupt(new Failure(code, { message: told })));
  } catch (error) {
    if (!run.signal.aborted || endReason(run.signal)) sink.write(run.dialect.interrupt(toFailure(error)));
  } finally {
    clearInterval(timer);
  }
}

function answerServed(run: Run, served: Served, env: Env): Answer {
  const { status } = served.inbound;
  const headers = comeDown(served.inbound, run.dialect, run.permit.key, env);
  Object.assign(headers, tellRest(run.dialect, run.permit.standings, env), streamHeaders(run.call.isStream));
  if (served.rules.length > 0) Object.assign(headers, tellRules(served.rules));
  return { status, headers, body: bodyOf(run, served, env) };
}

function bodyOf(run: Run, served: Served, env: Env): Pourable {
  const { status } = served.inbound;
  const settleOnce = (end: End) => {
    if (status < 400 && /complete|gone/.test(end.outcome)) noteWarm(served.account.id, run.permit.key, run.call, env);
    finish(run, served, end.outcome === "gone" ? 499 : status, end, env);
  };
  run.served = served;
  run.cutoff.signal.account = served.account.id;
  const { dialect, request, signal } = run;
  const watch = { served, dialect, isStream: run.call.isStream, signal, settle: settleOnce };
  return { ...observe(watch, env), refuse: (error) => dialect.refuse(toFailure(error), request) };
}

/** Enough for an operator to see why; a thousand accounts would make each event a thousand times as long. */
const mostPassedOver = 50;

function finish(run: Run, served: Served | undefined, status: number, end: End, env: Env): void {
  const now = env.now();
  // A clock that is set back while a call runs takes no time away from the sums.
  const since = (at: number) => Math.max(0, at - run.startedAt);
  served?.leave();
  run.place.leave();
  run.ceiling?.lift();
  run.leave?.();
  run.cutoff.lift();
  const left = served || end.outcome !== "gone" ? undefined : chargeLast(run.attempts, run.call, now - run.startedAt);
  const attempts = served ? [...run.attempts, lastAttempt(run, served, end, now)] : (left?.attempts ?? run.attempts);
  settle(
    {
      requestId: run.request.id,
      startedAt: run.startedAt,
      permit: run.permit,
      call: run.call,
      pool: run.pool,
      ip: run.request.ip,
      status,
      clientStatus: clientStatusOf(run, status, served === undefined ? end.failure : undefined),
      outcome: end.outcome,
      failure: end.failure,
      ...(left ? left.billed : billedOf(run, served, end, now)),
      attempts,
      windows: served && windowsOf(served, now, env),
      traceparent: run.request.headers.traceparent,
      candidates: run.selection.passedOver.slice(0, mostPassedOver).map(({ account, reason }) => ({ account, reason })),
      rules: served?.rules ?? run.call.rules,
      ms: {
        queue: since(run.admittedAt),
        select: since(run.selectedAt),
        head: since(served?.headAt ?? now),
        first: since(served?.firstAt ?? now),
        total: since(now),
      },
    },
    env,
  );
}

function billedOf(run: Run, served: Served | undefined, end: End, now: number) {
  const answered = { account: served?.account.id, model: served?.model, answerModel: served?.reader.model() };
  return { ...answered, ...(served ? usageOf(served, run.call, end.outcome, now) : unused) };
}

function clientStatusOf({ head, dialect, request }: Run, status: number, refusal: Failure | undefined): number {
  if (head.isSent || status === 499) return head.isSent ? 200 : status;
  return refusal ? dialect.refuse(refusal, request).status : status;
}

/** Ends a call that has cost more than it, or its key, may. */
function lookAt(run: Run, env: Env): void {
  const { served, permit, ceiling, call } = run;
  if (!served || !ceiling) return;
  const again = (beyondNanos: number) => lookAgain(permit, beyondNanos, call.model, env);
  env.after(ceiling.look(spentSoFar(run, served, env), permit, again));
}

/** What a call that still runs has cost so far, as if it were cut now. */
function spentSoFar(run: Run, served: Served, env: Env): Spent {
  const { usage } = usageOf(served, run.call, "broken", 0);
  const asked = served.model ?? run.call.model;
  const list = { at: run.startedAt, prices: run.pool.prices, assumes: env.config.UNPRICED_MODELS !== "pass" };
  const charge = computeCharge({ usage, asked, answered: served.reader.model() }, list);
  return { nanos: charge?.costNanos ?? 0, tokens: totalTokens(usage) };
}

function lastAttempt(run: Run, served: Served, end: End, now: number): Attempt {
  const { type, requestId } = end.failure ? served.explain() : noWords;
  return {
    account: served.account.id,
    status: served.inbound.status,
    reason: end.failure?.message ?? "served",
    ...(type === undefined ? {} : { type }),
    ...(requestId === undefined ? {} : { requestId }),
    startedMs: served.startedAt - run.startedAt,
    ms: now - served.startedAt,
    charge: served.inbound.status < 400 ? "charged" : "none",
    costNanos: 0,
  };
}

const noWords: Partial<Explanation> = {};
