import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import type { Measure, Overview, Point, TrendQuery } from "../../api/usage.ts";
import { useTrend } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { type Span, useDays } from "../../parts/span.tsx";
import { countDays, type Days } from "../../parts/spans.ts";
import { Trend, useOpenDay } from "../../parts/trend.tsx";
import classes from "./dashboard.module.css";

const names = ["measure", "by", "group"] as const;
export const measures = ["costUsd", "requests", "tokens", "errors"] as const satisfies readonly Measure[];
const granularities = ["hour", "day", "month"] as const;
const groups = ["none", "model", "key", "owner", "account", "tag"] as const;

interface Props {
  readonly overview: Overview;
  readonly span: Span;
  readonly before: Days | undefined;
}

/** Use over time, as one wants to see it; what is asked is in the address. The plain daily view is in the overview already. */
export function Explore({ overview, span, before }: Props) {
  const { t } = useTranslation();
  const [chosen, set] = useFilters(names);
  const measure = measures.find((one) => one === chosen.measure) ?? "costUsd";
  const usual = span.from === span.to ? "hour" : "day";
  const hasHours = countDays(span) <= mostHourDays;
  const granularity = granularities.find((one) => one === chosen.by && (one !== "hour" || hasHours)) ?? usual;
  const group = groups.find((one) => one === chosen.group) ?? "none";
  const open = useOpenDay();
  const isPlain = granularity === "day" && group === "none";
  return (
    <section className={`card ${classes.box} ${classes.wide}`}>
      <div className={classes.head}>
        <h2>{t("usage.overTime")}</h2>
        <div className={classes.controls}>
          <SegmentedControl
            size="xs"
            aria-label={t("usage.measure")}
            value={measure}
            onChange={(next) => set({ measure: next === "costUsd" ? "" : next })}
            data={measures.map((value) => ({ value, label: t(`measures.${value}`) }))}
          />
          <NativeSelect
            size="xs"
            aria-label={t("usage.granularity")}
            value={granularity}
            onChange={({ currentTarget: { value } }) => set({ by: value === usual ? "" : value })}
            data={granularities.map((value) => ({
              value,
              label: t(`usage.granularities.${value}`),
              disabled: value === "hour" && !hasHours,
            }))}
          />
          <NativeSelect
            size="xs"
            aria-label={t("usage.group")}
            value={group}
            onChange={({ currentTarget: { value } }) => set({ group: value === "none" ? "" : value })}
            data={groups.map((value) => ({ value, label: t(`usage.groups.${value}`) }))}
          />
        </div>
      </div>
      {isPlain && before === undefined ? (
        <Trend
          series={[{ name: t(`measures.${measure}`), points: overview.trend }]}
          measure={measure}
          granularity="day"
          open={open}
        />
      ) : (
        <Asked
          query={{ granularity, group, most: 8, ...(granularity === "month" ? {} : { from: span.from, to: span.to }) }}
          measure={measure}
          {...(group === "none" && granularity !== "month" && before && { before })}
          open={open}
        />
      )}
    </section>
  );
}

/** The API tells hours of at most so many days. */
const mostHourDays = 7;

interface AskedProps {
  readonly query: TrendQuery;
  readonly measure: Measure;
  /** The days that are shown pale beside them. */
  readonly before?: Days;
  readonly open?: (point: Point) => void;
}

export function Asked({ query, measure, before, open }: AskedProps) {
  const { t } = useTranslation();
  const write = useDays();
  const trend = useTrend(query);
  const earlier = useTrend({ ...query, from: before?.from, to: before?.to }, before !== undefined);
  if (trend.isPending) return <Loading rows={1} height={220} />;
  if (!trend.data) return <Failing error={trend.error} retry={() => void trend.refetch()} />;
  const { group, granularity, series } = trend.data;
  const named = group === "none" ? series.map((one) => ({ ...one, name: t(`measures.${measure}`) })) : series;
  const pale = before && earlier.data?.series[0];
  return (
    <Trend
      series={named.map((one) => (one.id === "(others)" ? { ...one, name: othersWords(one.name, t) } : one))}
      measure={measure}
      granularity={granularity}
      {...(pale && { before: { name: write(before), points: pale.points } })}
      {...(open && { open })}
    />
  );
}

/** The server says `3 others`. */
const othersWords = (name: string, t: TFunction) => t("usage.others", { count: Number.parseInt(name, 10) });
