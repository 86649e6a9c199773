import { memoize } from "../../wire/maps.ts";
/** A span of time that a meter counts over: from `startAt` up to and excluding `endAt`, epoch milliseconds. */
export interface Period {
  /** Distinct for each period of its kind, stable across instances: part of the meter's name. */
  readonly name: string;
  readonly startAt: number;
  readonly endAt: number;
}

/** Where days begin: an IANA zone, or a fixed offset in hours (0 is 0). */
export interface Zone {
  readonly TIMEZONE?: string | undefined;
  readonly TIMEZONE_OFFSET: number;
}

/** `Asia/Shanghai`, `UTC+8`. */
export const zoneName = ({ TIMEZONE, TIMEZONE_OFFSET }: Zone): string =>
  TIMEZONE ?? `UTC${TIMEZONE_OFFSET < 0 ? "" : "+"}${TIMEZONE_OFFSET}`;

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const formatOf = memoize(
  10,
  (timeZone: string) =>
    new Intl.DateTimeFormat("en-US", {
      ...{ timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    }),
);

/** Milliseconds to add to an instant to read local time off it as if it were UTC. */
function offsetMs(at: number, zone: Zone): number {
  if (zone.TIMEZONE === undefined) return zone.TIMEZONE_OFFSET * hourMs;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone.TIMEZONE).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** The first instant whose local time is `localMs` or later: where the clock jumps over it, the instant after the jump. */
function instantOf(localMs: number, zone: Zone): number {
  const before = localMs - offsetMs(localMs - offsetMs(localMs, zone) - 12 * hourMs, zone);
  const after = localMs - offsetMs(localMs - offsetMs(localMs, zone) + 12 * hourMs, zone);
  // Where a clock goes back, both hold and the earlier one is the first; where it jumps ahead, neither does exactly.
  const candidates = [before, after].sort((one, other) => one - other);
  return candidates.find((at) => at + offsetMs(at, zone) === localMs) ?? candidates[1] ?? localMs;
}

const remembered = new Map<string, Period>();

/** Working out a local day takes a date format; a period holds for hours, so the last one of each kind is kept. */
function remember(kind: string, at: number, build: () => Period): Period {
  const found = remembered.get(kind);
  if (found && at >= found.startAt && at < found.endAt) return found;
  const made = build();
  remembered.set(kind, made);
  return made;
}

/** The local hour of day, 0 to 23. */
export function hourOf(at: number, zone: Zone): number {
  return new Date(at + offsetMs(at, zone)).getUTCHours();
}

/** The next instant at which the local clock shows a full hour, 0 to 23, or is set ahead over it. */
export function nextHourAt(hour: number, at: number, zone: Zone): number {
  const day = Math.floor((at + offsetMs(at, zone)) / dayMs);
  const today = instantOf(day * dayMs + hour * hourMs, zone);
  return today > at ? today : instantOf((day + 1) * dayMs + hour * hourMs, zone);
}

/** The local calendar day. */
export function dayOf(at: number, zone: Zone): Period {
  return remember(`d${zoneName(zone)}`, at, () => {
    const day = Math.floor((at + offsetMs(at, zone)) / dayMs);
    const startAt = instantOf(day * dayMs, zone);
    const name = new Date(day * dayMs).toISOString().slice(0, 10);
    return { name, startAt, endAt: instantOf((day + 1) * dayMs, zone) };
  });
}

/** The local week that begins on `resetDay` (1 Monday … 7 Sunday) at `resetHour`. */
export function weekOf(at: number, resetDay: number, resetHour: number, zone: Zone): Period {
  return remember(`w${resetDay}.${resetHour}.${zoneName(zone)}`, at, () => {
    const day = Math.floor((at + offsetMs(at, zone) - resetHour * hourMs) / dayMs);
    // Day 0 of the epoch was a Thursday, the fourth day of its week.
    const weekday = (((day + 3) % 7) + 7) % 7;
    const first = day - ((weekday - (resetDay - 1) + 7) % 7);
    const startAt = instantOf(first * dayMs + resetHour * hourMs, zone);
    const name = `w${new Date(first * dayMs).toISOString().slice(0, 10)}.${resetHour}`;
    return { name, startAt, endAt: instantOf((first + 7) * dayMs + resetHour * hourMs, zone) };
  });
}

/** A span of whole minutes, counted from the epoch: the same on every instance, whatever call came first. */
export function windowOf(at: number, minutes: number): Period {
  const length = minutes * 60_000;
  const index = Math.floor(at / length);
  return { name: `m${minutes}.${index}`, startAt: index * length, endAt: (index + 1) * length };
}
