import { useStanding } from "../api/session.ts";

/** Where the relay's days begin, as its session tells: `Asia/Shanghai`, or `UTC+8`. */
export function useZone(): string {
  const standing = useStanding();
  return "session" in standing ? standing.session.timeZone : "UTC+0";
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** `UTC+5.5` as Intl writes it: `+05:30`. */
export function intlZone(zone: string): string {
  const [, sign, hours] = /^UTC([+-])([\d.]+)$/.exec(zone) ?? [];
  if (sign === undefined) return zone;
  const minutes = Math.round(Number(hours) * 60);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** What to add to an instant to read the zone's time off it as if it were UTC. Milliseconds. */
function offsetAt(at: number, zone: string): number {
  const made =
    formats.get(zone) ??
    new Intl.DateTimeFormat("sv-SE", {
      timeZone: intlZone(zone),
      dateStyle: "short",
      timeStyle: "medium",
    });
  formats.set(zone, made);
  return Date.parse(`${made.format(at).replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}

/** The zone's day of an instant, `2026-10-31`. */
export const dayIn = (at: number, zone: string): string => new Date(at + offsetAt(at, zone)).toISOString().slice(0, 10);

/** When a day begins in a zone. */
export function startOf(day: string, zone: string): number {
  const local = Date.parse(`${day}T00:00:00Z`);
  const near = local - offsetAt(local, zone);
  return local - offsetAt(near, zone);
}

export const shiftDay = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
