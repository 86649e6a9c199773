import type { Zone } from "../../limits/period.ts";
import { dayOf } from "../../limits/period.ts";
import type { Figures } from "../totals.ts";
import { buildFigures } from "../totals.ts";
import type { UsageEvent } from "../../money/usage.ts";
import { totalTokens } from "../../money/usage.ts";
import { memoize } from "../../../wire/maps.ts";

/**
 * Where rolled-up usage is kept. A table a local day and a table a local month, with a field for each key (`k|<key>`) and
 * for each account and model (`s|<account>|<model>`), so that a page over 500 keys and 30 days reads 30 tables and nothing
 * else; a table a day with the same by the hour (`<hour>|k|…`); one with each key's own accounts and models, a field a key,
 * so that a key's page reads a field a day; and one with each key's total of all time. Tags are not kept: they are the
 * key's, and asked of the key when a page is shown. In every table the field `@` holds the log id up to which it is folded.
 */
export const markField = "@";
export const totalTable = "usage/total";

export const dayTable = (day: string): string => `usage/day/${day}`;
export const hourTable = (day: string): string => `usage/hour/${day}`;
export const detailTable = (day: string): string => `usage/detail/${day}`;
export const monthTable = (month: string): string => `usage/month/${month}`;

export const keyField = (key: string): string => `k|${key}`;
export const hourPrefix = (hour: number): string => `${String(hour).padStart(2, "0")}|`;

/** `<account>|<model>`: an account's id has no bar, a model's name may have anything. */
export type Share = string;

export const buildShare = (account: string, model: string): Share => `${account}|${model}`;

export function readShare(share: Share): { account: string; model: string } {
  const bar = share.indexOf("|");
  return { account: share.slice(0, bar), model: share.slice(bar + 1) };
}

const hourMs = 3_600_000;
const longestModel = 100;

/** Where one event counts, and what it adds there. `share` is the field's inner place in a detail table. */
export interface Place {
  readonly table: string;
  readonly field: string;
  readonly share?: Share;
}

/** The days whose rows are still kept: an event of an earlier day counts in its month and in the total only. */
export interface Horizon {
  readonly days: string;
  readonly hours: string;
}

export const noHorizon: Horizon = { days: "", hours: "" };

export interface Placed {
  readonly places: readonly Place[];
  readonly figures: Figures;
}

interface Tables {
  readonly hours: string;
  readonly detail: string;
  readonly days: string;
  readonly months: string;
}

/** Events come day by day, and the names of a day's tables are asked for with each of them. */
const tablesOf = memoize(2, (day: string): Tables => ({
  hours: hourTable(day),
  detail: detailTable(day),
  days: dayTable(day),
  months: monthTable(day.slice(0, 7)),
}));

/** The same string object for the same name: it is hashed once, not for each of the maps that it is looked up in. */
const intern = memoize(20_000, (name: string) => name);

/** All places of an event. Never throws, whatever the event holds, since one that did would stop the rollup for good. */
export function placeEvent(event: UsageEvent, zone: Zone, horizon: Horizon): Placed {
  const day = dayOf(event.at, zone);
  const { hours, detail, days, months } = tablesOf(day.name);
  const hour = hourPrefix(Math.floor((event.at - day.startAt) / hourMs));
  const key = intern(keyField(clean(event.key)));
  const share = intern(buildShare(clean(event.account ?? ""), modelOf(event)));
  const model = intern(`s|${share}`);
  const places: Place[] = [
    { table: months, field: key },
    { table: months, field: model },
    { table: totalTable, field: key },
  ];
  if (day.name >= horizon.days) {
    places.push({ table: days, field: key }, { table: days, field: model }, { table: detail, field: key, share });
  }
  if (day.name >= horizon.hours)
    places.push({ table: hours, field: hour + key }, { table: hours, field: hour + model });
  return { places, figures: buildFigures(event) };
}

/**
 * The model as rows know it. Names come from clients: one that nobody served and nothing has a price for is not kept, or
 * anybody could fill the tables with names of his own.
 */
function modelOf(event: UsageEvent): string {
  const name = clean(event.model ?? "")
    .slice(0, longestModel)
    .toWellFormed();
  if (event.status < 400 || event.rates !== undefined || event.costNanos > 0 || totalTokens(event.usage) > 0)
    return name;
  return unknownModel;
}

export const unknownModel = "(unknown)";

/** Stores refuse lone surrogates, and a client may send one in a model's name. */
function clean(text: unknown): string {
  return typeof text === "string" ? text.toWellFormed() : "";
}
