import { useTranslation } from "react-i18next";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

export interface Format {
  number(value: number): string;
  compact(value: number): string;
  percent(share: number): string;
  /** Dollars and cents; `<$0.01` for what is less. */
  usd(value: number): string;
  /** All digits that count. */
  usdExact(value: number): string;
  /** A price, with cents and whatever is smaller, so that the points of a column stand below each other. */
  rate(value: number): string;
  date(at: number): string;
  time(at: number): string;
  /** "15:40", with its weekday where that is not today. */
  clock(at: number, now: number): string;
  /** To the second if it is today, else day and minute: for a column of instants. */
  moment(at: number, now: number): string;
  /** "in 3 hours", "2 days ago". */
  relative(at: number, now: number): string;
  /** "1.2 s", "340 ms". */
  duration(ms: number): string;
}

function build(language: string): Format {
  const whole = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const instant = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const weekdayHour = new Intl.DateTimeFormat(language, {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const second = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  const dayMinute = new Intl.DateTimeFormat(language, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  const apart = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const usdExact = (value: number) => {
    if (Number.isInteger(value) && value !== 0) return `$${whole.format(value)}`;
    const digits = value !== 0 && Math.abs(value) < 1 ? { maximumSignificantDigits: 3 } : cents;
    return `$${value.toLocaleString(language, digits)}`;
  };
  const usd = (value: number) => {
    if (value > 0 && value < 0.01) return "<$0.01";
    return Number.isInteger(value) && value !== 0
      ? `$${whole.format(value)}`
      : `$${value.toLocaleString(language, cents)}`;
  };
  return {
    number: (value) => whole.format(value),
    compact: (value) => (Math.abs(value) < 10_000 ? whole.format(value) : short.format(value)),
    percent: (value) => share.format(value),
    usd,
    usdExact,
    rate: (value) => `$${value.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 6 })}`,
    date: (at) => day.format(at),
    time: (at) => instant.format(at),
    clock(at, now) {
      const isToday = new Date(at).toDateString() === new Date(now).toDateString();
      return (isToday ? hour : weekdayHour).format(at);
    },
    moment(at, now) {
      const isToday = new Date(at).toDateString() === new Date(now).toDateString();
      return (isToday ? second : dayMinute).format(at);
    },
    relative(at, now) {
      const ms = at - now;
      const size = Math.abs(ms);
      if (size < minuteMs) return apart.format(Math.round(ms / 1000), "second");
      if (size < hourMs) return apart.format(Math.round(ms / minuteMs), "minute");
      if (size < dayMs) return apart.format(Math.round(ms / hourMs), "hour");
      return size < 60 * dayMs ? apart.format(Math.round(ms / dayMs), "day") : day.format(at);
    },
    duration: (ms) =>
      ms < 1000
        ? `${Math.round(ms)} ms`
        : `${(ms / 1000).toLocaleString(language, { maximumFractionDigits: ms < 10_000 ? 2 : 1 })} s`,
  };
}

const built = new Map<string, Format>();

/** Figures, money and instants as the chosen language writes them. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const found = built.get(i18n.language) ?? build(i18n.language);
  built.set(i18n.language, found);
  return found;
}

/** `2d` or `2天`, in the page's language. */
const narrow = (value: number, unit: "day" | "hour") =>
  value.toLocaleString(document.documentElement.lang, { style: "unit", unit, unitDisplay: "narrow" });

/** `2:05`, `1:02:05`, or days and hours beyond a day. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (days > 0) return `${narrow(days, "day")} ${narrow(hours, "hour")}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
