import { type Env, perEnv } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { endReason, type HangUp } from "../../wire/exchange.ts";

/** A call that was admitted and is not settled yet. */
export interface OpenCall {
  readonly id: string;
  readonly signal: HangUp;
  /** Looks, once a second, whether it has cost too much. Must not throw. */
  look(): void;
  /** Settles it as it is, with what was seen. */
  settle(failure: Failure): void;
}

interface Entry {
  readonly call: OpenCall;
  place: number;
  /** Looks since its signal fired. */
  looks: number;
}

interface Open {
  readonly entries: Entry[];
  timer: NodeJS.Timeout | undefined;
}

const openOf = perEnv<Open>(() => ({ entries: [], timer: undefined }));
const lookMs = 1_000;
/** A call ends by itself within a moment of its signal; one that does not has lost its way, and is settled from here. */
const mostLooks = 10;

/** Watches a call until the returned function is called, so that none stays open whatever its client and its upstream do. */
export function watchCall(call: OpenCall, env: Env): () => void {
  const open = openOf(env);
  const entry: Entry = { call, place: open.entries.length, looks: 0 };
  open.entries.push(entry);
  startLooking(open, env);
  return () => {
    if (open.entries[entry.place] !== entry) return;
    const last = open.entries.pop();
    if (last === undefined || last === entry) return;
    open.entries[entry.place] = last;
    last.place = entry.place;
  };
}

/** A function of its own: the timer outlives the call, and what it closes over must not hold the call's bytes. */
function startLooking(open: Open, env: Env): void {
  open.timer ??= setInterval(() => look(open, env), lookMs).unref();
}

function look(open: Open, env: Env): void {
  if (open.entries.length === 0) {
    clearInterval(open.timer);
    open.timer = undefined;
    return;
  }
  for (const entry of open.entries.slice()) {
    if (!entry.call.signal.aborted) entry.call.look();
    else if (++entry.looks > mostLooks) settleLost(entry.call, env);
  }
}

function settleLost({ id, signal, settle }: OpenCall, env: Env): void {
  env.log("error", "call did not end", { request: id });
  settle(endReason(signal) ?? new Failure("client.gone"));
}

/** The process ends: what is still open is settled with what was seen. */
export function settleOpenCalls(env: Env): void {
  for (const { call } of openOf(env).entries.slice()) call.settle(new Failure("platform.draining"));
}
