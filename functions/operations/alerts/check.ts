import { randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { toFailure, type Failure } from "../../failure.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import type { Alert, Notice } from "./alert.ts";
import { gatherFacts, isQuietHour } from "./facts.ts";
import { findAlerts } from "./find.ts";
import { send } from "./send.ts";
import { readAlertSettings, type AlertSettings, type Channel } from "./settings.ts";
import { noAlerts, step, type Active, type AlertState, type Past } from "./step.ts";

export const alertState = "alerts/state";
const mostHistory = 100;
const hourMs = 3_600_000;

/** What a process knows when its store is down: whom to tell, and whether it has. */
interface Held {
  settings: AlertSettings | undefined;
  downSince: number | undefined;
}

const heldOf = perEnv<Held>(() => ({ settings: undefined, downSince: undefined }));

/**
 * Looks whether something is wrong, and tells the channels what is new. No command while no channel is on; else those of
 * the facts and one, and six more when there is something to tell. Whoever moves the state tells: two instances that look
 * at the same time send one message. Undefined: nobody wants to know.
 */
export async function checkAlerts(pool: Pool, env: Env): Promise<{ active: number; told: number } | undefined> {
  const settings = readAlertSettings(pool);
  const held = heldOf(env);
  held.settings = settings;
  await tellStoreUp(held, env);
  if (!settings.channels.some(({ isEnabled }) => isEnabled)) return undefined;
  const found = findAlerts(await gatherFacts(settings, pool, env), settings);
  const [value] = await env.store.read([alertState]);
  const state = readAlertState(value);
  const isQuiet = isQuietHour(settings, env);
  const moment = { now: env.now(), isQuiet, reminderMs: settings.reminderHours * hourMs };
  const { active, notices } = step(state.active, found, moment);
  const isSame = notices.length === 0 && JSON.stringify(active) === JSON.stringify(state.active);
  if (isSame) return { active: found.length, told: 0 };
  const next = JSON.stringify({ ...state, active });
  const isOurs = await env.store.fold({ cursor: alertState, expected: value, next, tables: {} });
  if (!isOurs || notices.length === 0) return { active: found.length, told: 0 };
  const past = await tellAll(notices, settings, env);
  const told: AlertState = {
    active: noteOwed(active, notices, past),
    history: [...past, ...state.history].slice(0, mostHistory),
  };
  await env.store.fold({ cursor: alertState, expected: next, next: JSON.stringify(told), tables: {} });
  return { active: found.length, told: notices.length };
}

export function readAlertState(value: string | undefined): AlertState {
  return value === undefined ? noAlerts : { ...noAlerts, ...(JSON.parse(value) as Partial<AlertState>) };
}

async function tellAll(notices: readonly Notice[], settings: AlertSettings, env: Env): Promise<Past[]> {
  const past: Past[] = [];
  // One after the other: chat services take a few messages a second at most.
  for (const notice of notices) {
    const channels = settings.channels.filter(
      ({ id, isEnabled }) => isEnabled && (notice.to === undefined || notice.to.includes(id)),
    );
    const outcomes = await Promise.all(channels.map((channel) => tell(notice, channel, settings, env)));
    const failed = outcomes.filter((outcome) => outcome !== undefined);
    past.unshift({ at: env.now(), turn: notice.turn, alert: notice.alert, failed });
  }
  return past;
}

/** What the channel said if it did not take it. */
async function tell(
  notice: Notice,
  channel: Channel,
  { language }: AlertSettings,
  env: Env,
): Promise<{ channel: string; error: string } | undefined> {
  try {
    await send(notice, channel, language, env);
    return undefined;
  } catch (error) {
    const { message } = toFailure(error);
    env.log("warn", "alert not delivered", {
      channel: channel.id,
      kind: channel.kind,
      alert: notice.alert.id,
      message,
    });
    return { channel: channel.id, error: message };
  }
}

function noteOwed(
  active: Record<string, Active>,
  notices: readonly Notice[],
  past: readonly Past[],
): Record<string, Active> {
  const next = { ...active };
  for (const [index, notice] of notices.entries()) {
    const known = next[notice.alert.id];
    const owed = past[past.length - 1 - index]?.failed.map(({ channel }) => channel) ?? [];
    if (!known) continue;
    const { owed: _, tries = 0, ...rest } = known;
    next[notice.alert.id] = owed.length > 0 ? { ...rest, owed, tries: notice.to ? tries + 1 : 1 } : rest;
  }
  return next;
}

const storeAlert = (reason: string): Alert => ({
  ...{ id: "store-down/store", rule: "store-down", subject: "", figures: { reason } },
});

/**
 * The store is not reached: told once, from memory, by a process that has known its channels before. A function that starts
 * cold knows none; there the schedule's own failure is what an operator sees.
 */
export async function tellStoreDown(failure: Failure, env: Env): Promise<void> {
  const held = heldOf(env);
  if (held.downSince !== undefined || !held.settings || held.settings.off.includes("store-down")) return;
  held.downSince = env.now();
  const notice: Notice = { turn: "raised", alert: storeAlert(failure.message), sinceAt: held.downSince };
  await tellAll([notice], held.settings, env);
}

async function tellStoreUp(held: Held, env: Env): Promise<void> {
  const { downSince, settings } = held;
  if (downSince === undefined || !settings) return;
  held.downSince = undefined;
  await tellAll([{ turn: "cleared", alert: storeAlert("–"), sinceAt: downSince }], settings, env);
}

/** Sends a test to one channel. Rejects as `send` does. */
export function testChannel(channel: Channel, settings: AlertSettings, env: Env): Promise<void> {
  const alert: Alert = { id: `test/${randomUUID()}`, rule: "account-stopped", subject: "", figures: {} };
  return send({ turn: "test", alert, sinceAt: env.now() }, channel, settings.language, env);
}
