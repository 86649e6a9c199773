import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Figures, Limit, Ranked } from "../api/usage.ts";
import { countdown, useFormat } from "./format.ts";
import { useNow } from "./now.ts";
import classes from "./figures.module.css";

interface StatProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly under?: ReactNode;
}

export function Stat({ label, value, under }: StatProps) {
  return (
    <div className={`card ${classes.stat}`}>
      <h2>{label}</h2>
      <div className={classes.value}>{value}</div>
      {under !== undefined && <div className={classes.under}>{under}</div>}
    </div>
  );
}

export const Stats = ({ children }: { readonly children: ReactNode }) => (
  <div className={classes.stats}>{children}</div>
);

/** Dollars to read; what is under a cent is told exactly to whoever points at it. */
export function Usd({ value }: { readonly value: number }) {
  const format = useFormat();
  return value > 0 && value < 0.01 ? (
    <span title={format.usdExact(value)}>{format.usd(value)}</span>
  ) : (
    format.usd(value)
  );
}

interface RankingProps {
  readonly rows: readonly Ranked[];
  readonly href?: (row: Ranked) => string | undefined;
}

/** The costliest first, each with a bar of its share of the first; by tokens where nothing has a price. */
export function Ranking({ rows, href }: RankingProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const isPriced = rows.some(({ figures }) => figures.costUsd > 0);
  const of = (figures: Figures) => (isPriced ? figures.costUsd : figures.tokens);
  const most = Math.max(...rows.map(({ figures }) => of(figures)), Number.MIN_VALUE);
  if (rows.length === 0) return <div className={classes.under}>{t("usage.nothing")}</div>;
  return (
    <ol className={classes.ranked}>
      {rows.map((row) => {
        const to = href?.(row);
        return (
          <li key={row.id}>
            <span className={classes.bar} style={{ width: `${(of(row.figures) / most) * 100}%` }} aria-hidden />
            <span className={classes.what}>
              {to ? <Link href={to}>{row.name}</Link> : row.name || t("usage.unnamed")}
            </span>
            <Tooltip
              label={t("usage.rowNote", {
                requests: format.number(row.figures.requests),
                tokens: format.compact(row.figures.tokens),
              })}
            >
              <span className="tabular">
                {isPriced ? format.usd(row.figures.costUsd) : format.compact(row.figures.tokens)}
              </span>
            </Tooltip>
          </li>
        );
      })}
    </ol>
  );
}

interface MeterProps {
  readonly label: ReactNode;
  /** 0 to 1, or more where a limit was overrun. */
  readonly share: number;
  readonly words: ReactNode;
  readonly about: string;
}

/** How full something is, by bar and by words. */
export function Meter({ label, share, words, about }: MeterProps) {
  const level = share >= 0.95 ? "bad" : share >= 0.75 ? "warn" : "good";
  const percent = Math.min(100, Math.max(share > 0 ? 1 : 0, share * 100));
  return (
    <div className={classes.meter}>
      <div className={classes.meterHead}>
        <span>{label}</span>
        <span className={`${classes.under} tabular`}>{words}</span>
      </div>
      <div
        className={classes.track}
        role="meter"
        aria-label={about}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className={classes.fill} data-level={level} style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

/** A limit of a key: how much of it is used, and when it begins anew. */
export function LimitMeter({ limit }: { readonly limit: Limit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const write = (value: number) => (limit.unit === "usd" ? format.usd(value) : format.compact(value));
  const reset =
    limit.resetAt !== null && limit.resetAt > now
      ? ` · ${t("usage.resetsIn", { left: countdown(limit.resetAt - now) })}`
      : "";
  const label = limitWords(limit.name, t);
  return (
    <Meter
      label={label}
      about={label}
      share={limit.used / limit.limit}
      words={`${write(limit.used)} / ${write(limit.limit)}${reset}`}
    />
  );
}

/** The server names a limit in English, as its refusals do: `daily cost`, `60-minute request`, `weekly opus cost`. */
export function limitWords(name: string, t: TFunction): string {
  const window = /^(\d+)-minute (request|token|cost)$/.exec(name);
  if (window) {
    const minutes = window[1];
    if (window[2] === "cost") return t("limitNames.window.cost", { minutes });
    if (window[2] === "token") return t("limitNames.window.token", { minutes });
    return t("limitNames.window.request", { minutes });
  }
  const family = /^weekly (\S+) cost$/.exec(name);
  if (family) return t("limitNames.family", { family: family[1] });
  const known = {
    concurrency: "concurrency",
    "daily cost": "daily",
    "weekly cost": "weekly",
    "total cost": "total",
    "total token": "tokens",
  } as const;
  const found = known[name as keyof typeof known];
  return found ? t(`limitNames.${found}`) : name;
}

const tokenClasses = [
  { name: "inputTokens", colour: "#6d6de0" },
  { name: "outputTokens", colour: "#12a594" },
  { name: "cacheReadTokens", colour: "#3e93d8" },
  { name: "cacheWrite5mTokens", colour: "#e5894a" },
  { name: "cacheWrite1hTokens", colour: "#d6409f" },
] as const;

/** The kinds of tokens, which differ tenfold in price. */
export function TokenClasses({ figures }: { readonly figures: Pick<Figures, (typeof tokenClasses)[number]["name"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sum = tokenClasses.reduce((all, { name }) => all + figures[name], 0);
  return (
    <>
      <div className={classes.classes} aria-hidden>
        {tokenClasses.map(({ name, colour }) => (
          <span key={name} style={{ width: `${sum === 0 ? 0 : (figures[name] / sum) * 100}%`, background: colour }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {tokenClasses.map(({ name, colour }) => (
          <li key={name}>
            <i style={{ background: colour }} aria-hidden />
            {t(`tokens.${name}`)}
            <b>{format.compact(figures[name])}</b>
          </li>
        ))}
      </ul>
    </>
  );
}
