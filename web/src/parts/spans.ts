import { shiftDay } from "./zone.ts";

export const presets = ["today", "yesterday", "week", "month", "lastMonth", "7", "30", "90"] as const;
export type Preset = (typeof presets)[number];

/** Days of the relay's time zone, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The days that a preset means today. Weeks begin on Monday. */
export function daysOf(preset: Preset, today: string): Days {
  const first = `${today.slice(0, 8)}01`;
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  if (preset === "today") return { from: today, to: today };
  if (preset === "yesterday") return { from: shiftDay(today, -1), to: shiftDay(today, -1) };
  if (preset === "week") return { from: shiftDay(today, -weekday), to: today };
  if (preset === "month") return { from: first, to: today };
  if (preset === "lastMonth") return { from: `${shiftDay(first, -1).slice(0, 8)}01`, to: shiftDay(first, -1) };
  return { from: shiftDay(today, 1 - Number(preset)), to: today };
}

export const countDays = ({ from, to }: Days): number => (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;

/** The days before or after: a month for a month, a week for one that began, else as many; never later than today. */
export function moveDays(days: Days, step: 1 | -1, today: string, preset?: Preset): Days {
  const { from, to } = days;
  const isMonth = from.endsWith("-01") && (preset === "month" || shiftDay(to, 1).endsWith("-01"));
  const length = preset === "week" ? 7 : countDays(days);
  const start = isMonth ? monthAt(from, step) : step > 0 ? shiftDay(from, length) : shiftDay(from, -length);
  const end = isMonth ? shiftDay(monthAt(start, 1), -1) : shiftDay(start, length - 1);
  return start > today ? days : { from: start, to: end > today ? today : end };
}

const monthAt = (first: string, step: number): string => {
  const [year = 0, month = 1] = first.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + step, 1)).toISOString().slice(0, 10);
};
