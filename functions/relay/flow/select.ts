import { asksOf } from "../dialects/asks.ts";
import type { Call } from "../dialects/dialect.ts";
import type { Account, Cooldown } from "../../core/accounts/account.ts";
import { isListed, resolveAlias } from "../../core/keys/aliases.ts";
import { familyOf } from "../../core/keys/model-families.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import type { Zone } from "../../core/limits/period.ts";
import { hourOf, nextHourAt } from "../../core/limits/period.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { findHighest, hash, scoreOf } from "../../core/accounts/rendezvous.ts";
import { shareOf } from "../../core/accounts/window-share.ts";
import { mayCross } from "../dialects/dialect.ts";
import { placeOf, type Places } from "../transport/places.ts";
import type { Upstream } from "../upstreams/upstream.ts";
import { Failure } from "../../failure.ts";
import { cacheMs, longCacheMs } from "../transport/warm-sessions.ts";
import { BoundedMap } from "../../wire/maps.ts";

/** Why an account was passed over, in words that an operator reads. */
export interface PassedOver {
  readonly account: string;
  readonly reason: string;
  /** Set where only time stands between the account and the call. */
  readonly untilAt?: number;
  /** It serves its provider's own command line tool only. */
  readonly isSignIn?: true;
}

export interface Selection {
  /** In the order in which they are tried. */
  readonly candidates: readonly Account[];
  readonly passedOver: readonly PassedOver[];
}

/** When and where a call is ranked. */
export interface Moment {
  readonly now: number;
  /** Of the accounts' hours of service. */
  readonly zone: Zone;
  /** The account that has the conversation's prompt in its cache: it comes first, whatever its priority and weight are now. */
  readonly warm?: string | undefined;
  /** How many candidates are wanted: 20, unless told. */
  readonly most?: number;
}

/**
 * Which accounts may serve a call, best first: by priority tier, and within a tier by weighted rendezvous hash of key and
 * session, so that a conversation stays with one account (and its prompt cache) on every instance without anything stored.
 * An account whose windows fill up keeps a smaller share. One that has rested comes last until it has been well again for
 * the lifetime of the call's prompt cache (five minutes, or an hour where the call asks for that), so that the conversations
 * that went elsewhere stay there meanwhile and do not go to and fro. Where `warm` names an account that can serve, it comes
 * first. Pure but for calls without a session, which go anywhere.
 */
export function rank(call: Call, key: ApiKey, pool: Pool, places: Places, moment: Moment): Selection {
  const { now, warm, most = mostCandidates } = moment;
  const { crowds, timed, never } = standingOf(call, key, pool, places);
  const isSticky = call.session !== undefined;
  const seed = isSticky ? hash(`${key.id}\n${call.session}`) : Math.floor(Math.random() * 4_294_967_296);
  const scored: Scored[] = [];
  for (const crowd of crowds) {
    const { accounts, ownSeeds, weight, isSubstitute } = crowd;
    const add = (place: number) => {
      const score = scoreOf(ownSeeds[place] ?? 0, weight, seed);
      const account = accounts[place];
      if (account) scored.push({ account, isWarm: account.id === warm, isBack: false, isSubstitute, score });
    };
    const highest = highestOf(crowd, seed, most);
    highest.forEach(add);
    const warmPlace = warm === undefined ? -1 : accounts.findIndex(({ id }) => id === warm);
    if (warmPlace >= 0 && !highest.includes(warmPlace)) add(warmPlace);
  }
  const passedOver = timed.length === 0 ? never : [...never];
  for (const { account, isSubstitute } of timed) {
    const obstacle = findOffDuty(account, moment) ?? findCooling(account, call.model, pool.cooldowns, now);
    if (obstacle) passedOver.push({ account: account.id, ...obstacle });
    else {
      const weight = account.weight * shareOf(pool.windows.get(account.id), now);
      const isBack = isSticky && isJustBack(account, call, pool.cooldowns, now);
      const isWarm = account.id === warm;
      scored.push({ account, isWarm, isBack, isSubstitute, score: scoreOf(hash(account.id), weight, seed) });
    }
  }
  return {
    candidates: scored
      .sort(compare)
      .slice(0, most)
      .map(({ account }) => account),
    passedOver,
  };
}

/** Whether an account rested within the lifetime of the call's prompt cache. The body is looked at only where that matters. */
function isJustBack(account: Account, call: Call, cooldowns: ReadonlyMap<string, Cooldown>, now: number): boolean {
  if (findCooling(account, call.model, cooldowns, now - cacheMs)) return true;
  if (!findCooling(account, call.model, cooldowns, now - longCacheMs)) return false;
  return asksOf(call).isLongCached;
}

/** The next message of a conversation asks for the same again. */
function highestOf({ ownSeeds, known }: Crowd, seed: number, most: number): readonly number[] {
  if (ownSeeds.length <= most) return findHighest(ownSeeds, seed, most);
  return known.getOrMake(`${seed} ${most}`, () => findHighest(ownSeeds, seed, most));
}

const mostKnown = 1_000;
/** Far more than a call tries. To weigh all of a thousand accounts would take as long as the rest of a call. */
const mostCandidates = 20;

function compare(one: Scored, other: Scored): number {
  return (
    Number(other.isWarm) - Number(one.isWarm) ||
    Number(one.isBack) - Number(other.isBack) ||
    Number(one.isSubstitute) - Number(other.isSubstitute) ||
    one.account.priority - other.account.priority ||
    other.score - one.score
  );
}

/** An account that only time can keep from a call. */
interface Able {
  readonly account: Account;
  /** It is not what the key is bound to, and stands in for that. */
  readonly isSubstitute: boolean;
}

/** Accounts of one priority and weight that nothing keeps from a call, not even for a time. */
interface Crowd {
  readonly weight: number;
  readonly isSubstitute: boolean;
  readonly accounts: readonly Account[];
  readonly ownSeeds: Uint32Array;
  /** The places that were found for a session. */
  readonly known: BoundedMap<string, readonly number[]>;
}

interface Standing {
  readonly crowds: readonly Crowd[];
  /** Those that have hours of service, or rested, or tell how full they are: they are looked at anew for each call. */
  readonly timed: readonly Able[];
  readonly never: PassedOver[];
}

/** What does not change with time or session is found once for all calls that are alike, until the pool changes. */
function standingOf(call: Call, key: ApiKey, pool: Pool, places: Places): Standing {
  const alike = JSON.stringify([
    ...[call.dialect, call.model, call.client, call.account, mayCross(call)],
    ...[key.permissions, key.bindings, key.mayFallBack],
  ]);
  return pool.derive(places, alike, () => findStanding(call, key, pool, places));
}

function findStanding(call: Call, key: ApiKey, pool: Pool, places: Places): Standing {
  const never: PassedOver[] = [];
  const able: Able[] = [];
  // They speak the call's language, but nothing says that they have the model: a last resort, where bridges lead elsewhere.
  const strange: Able[] = [];
  for (const account of pool.accounts) {
    // What only one account keeps, no other can serve.
    if (call.account !== undefined && call.account !== account.id) continue;
    const upstream = placeOf(account, call, places);
    if (!upstream || !speaks(upstream, call, places)) continue;
    const obstacle = findObstacle(account, upstream, call, key);
    const isStrange = places.bridges.length > 0 && !servesModel(account, call.model, upstream.homeModels);
    if (obstacle) never.push({ account: account.id, ...obstacle });
    else (isStrange ? strange : able).push({ account, isSubstitute: isOther(account, upstream, key) });
  }
  const reason = `does not know the model ${call.model ?? ""}, which another account does`;
  if (able.length > 0) never.push(...strange.map(({ account }) => ({ account: account.id, reason })));
  const chosen = able.length > 0 ? able : strange;
  const rested = new Set([...pool.cooldowns.values()].map(({ account }) => account));
  // At the beginning of time no window had been reset: the smallest share that they can give.
  const isFull = (id: string) => shareOf(pool.windows.get(id), 0) < 1;
  const isTimed = ({ account: { id, schedule } }: Able) => schedule !== undefined || rested.has(id) || isFull(id);
  const crowds = Map.groupBy(
    chosen.filter((each) => !isTimed(each)),
    ({ account, isSubstitute }) => `${account.priority} ${account.weight} ${isSubstitute}`,
  );
  return { crowds: [...crowds.values()].map(buildCrowd), timed: chosen.filter(isTimed), never };
}

function buildCrowd(all: readonly Able[]): Crowd {
  return {
    weight: all[0]?.account.weight ?? 1,
    isSubstitute: all[0]?.isSubstitute ?? false,
    accounts: all.map(({ account }) => account),
    ownSeeds: Uint32Array.from(all, ({ account }) => hash(account.id)),
    known: new BoundedMap(mostKnown),
  };
}

interface Scored {
  readonly account: Account;
  readonly isWarm: boolean;
  /** It rested a moment ago, and its conversations have a cache elsewhere. */
  readonly isBack: boolean;
  readonly isSubstitute: boolean;
  readonly score: number;
}

function speaks(upstream: Upstream, call: Call, places: Places): boolean {
  if (upstream.dialect === call.dialect) return true;
  return mayCross(call) && places.bridges.some(({ from, to }) => from === call.dialect && to === upstream.dialect);
}

type Obstacle = Omit<PassedOver, "account">;

function findObstacle(account: Account, upstream: Upstream, call: Call, key: ApiKey): Obstacle | undefined {
  if (!account.isEnabled) return { reason: "paused by an operator" };
  if (account.stoppedBecause !== undefined) return { reason: `stopped: ${account.stoppedBecause}` };
  if (account.credential === undefined) return { reason: "has no credential" };
  // A bridge may lead to another service than the one the call names.
  if (key.permissions.length > 0 && !key.permissions.includes(upstream.service))
    return { reason: `the key may not use ${upstream.service}` };
  const binding = key.bindings[upstream.service];
  if (
    binding === undefined
      ? account.isDedicated
      : !isBoundTo(account, binding) && (account.isDedicated || !key.mayFallBack)
  ) {
    return { reason: binding === undefined ? "is dedicated to other keys" : "is not what the key is bound to" };
  }
  const isBridged = upstream.dialect !== call.dialect;
  if (upstream.onlyClient !== undefined && (isBridged || call.client !== upstream.onlyClient)) {
    return { reason: `is a sign-in account: it serves ${upstream.onlyClient} only`, isSignIn: true };
  }
  if (!servesModel(account, call.model, isBridged ? upstream.homeModels : /^/))
    return { reason: `does not serve the model ${call.model ?? ""}` };
  return undefined;
}

/** Hours may go past midnight: from 22 to 6. */
function findOffDuty({ schedule }: Account, { now, zone }: Moment): Obstacle | undefined {
  if (!schedule) return undefined;
  const { fromHour, toHour } = schedule;
  const hour = hourOf(now, zone);
  const isOn = fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
  if (isOn) return undefined;
  return { reason: `serves from ${fromHour}:00 to ${toHour}:00 only`, untilAt: nextHourAt(fromHour, now, zone) };
}

function isOther(account: Account, { service }: Upstream, { bindings }: ApiKey): boolean {
  const binding = bindings[service];
  return binding !== undefined && !isBoundTo(account, binding);
}

function isBoundTo(account: Account, binding: string): boolean {
  return binding.startsWith("group:") ? account.groups.includes(binding.slice(6)) : account.id === binding;
}

/** An account serves the models that it lists or has an alias for; one that lists none serves all that are at home there. */
function servesModel(account: Account, model: string | undefined, home: RegExp): boolean {
  if (model === undefined || isListed(model, account.models) || resolveAlias(model, account.aliases) !== model)
    return true;
  return account.models.length === 0 && home.test(model);
}

function findCooling(
  account: Account,
  model: string | undefined,
  cooldowns: ReadonlyMap<string, Cooldown>,
  now: number,
): Obstacle | undefined {
  if (cooldowns.size === 0) return undefined;
  const family = model === undefined ? undefined : familyOf(model);
  const scopes = family === undefined ? ["account"] : ["account", `family:${family}`];
  for (const scope of scopes) {
    const cooldown = cooldowns.get(`${account.id}/${scope}`);
    if (cooldown && cooldown.untilAt > now) return { reason: `rests: ${cooldown.reason}`, untilAt: cooldown.untilAt };
  }
  return undefined;
}

/** Why nothing can serve a call: what is set up wrong, or when the first account is ready again. */
export function explainNone(call: Call, passedOver: readonly PassedOver[], now: number): Failure {
  const ready = passedOver.flatMap((passed) => (passed.untilAt === undefined ? [] : [passed.untilAt]));
  if (ready.length > 0) {
    const at = Math.min(...ready);
    return new Failure("account.cooling", {
      message: `Every account that could serve this request rests until ${new Date(at).toISOString()}.`,
      retryAfterSeconds: Math.max(1, Math.ceil((at - now) / 1000)),
      isRetryable: at - now <= 60_000,
    });
  }
  if (call.account !== undefined) {
    return new Failure("record.unknown", {
      message: `The account that keeps what this request names is gone, or not for this API key${passedOver.map(({ reason }) => `: it ${reason}`).join("")}. Upload it anew.`,
    });
  }
  const hint = passedOver.some(({ isSignIn }) => isSignIn)
    ? "The accounts here are sign-in accounts, which serve their provider's own command line tool only."
    : `No account is set up to serve ${call.model ?? call.operation}.`;
  return new Failure("account.none", { message: `${hint} Ask the operator of this relay.`, isRetryable: false });
}
