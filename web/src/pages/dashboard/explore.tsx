import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Measure, Overview, TrendQuery } from "../../api/usage.ts";
import { useTrend } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { Trend } from "../../parts/trend.tsx";
import classes from "./dashboard.module.css";

const names = ["measure", "by", "group"] as const;
export const measures = ["costUsd", "requests", "tokens", "errors"] as const satisfies readonly Measure[];
const granularities = ["hour", "day", "month"] as const;
const groups = ["none", "model", "key", "account", "tag"] as const;

interface Props {
  readonly overview: Overview;
  readonly days: number;
}

/** Use over time, as one wants to see it; what is asked is in the address. The plain daily view is in the overview already. */
export function Explore({ overview, days }: Props) {
  const { t } = useTranslation();
  const [chosen, set] = useFilters(names);
  const measure = measures.find((one) => one === chosen.measure) ?? "costUsd";
  const granularity = granularities.find((one) => one === chosen.by) ?? "day";
  const group = groups.find((one) => one === chosen.group) ?? "none";
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
            onChange={({ currentTarget: { value } }) => set({ by: value === "day" ? "" : value })}
            data={granularities.map((value) => ({ value, label: t(`usage.granularities.${value}`) }))}
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
      {isPlain ? (
        <Trend
          series={[{ name: t(`measures.${measure}`), points: overview.trend }]}
          measure={measure}
          granularity="day"
        />
      ) : (
        <Asked query={{ granularity, group, most: 8, ...spanOf(granularity, days, overview) }} measure={measure} />
      )}
    </section>
  );
}

/** Hours are told for two days; days for the chosen span; months for a year, which is what the API takes by itself. */
function spanOf(
  granularity: (typeof granularities)[number],
  days: number,
  { trend }: Overview,
): Pick<TrendQuery, "from"> {
  if (granularity === "month") return {};
  const from = trend.at(granularity === "hour" ? -2 : -days)?.period ?? trend[0]?.period;
  return from ? { from } : {};
}

function Asked({ query, measure }: { readonly query: TrendQuery; readonly measure: Measure }) {
  const trend = useTrend(query);
  if (trend.isPending) return <Loading rows={1} height={220} />;
  if (!trend.data) return <Failing error={trend.error} retry={() => void trend.refetch()} />;
  return <Trend series={trend.data.series} measure={measure} granularity={trend.data.granularity} />;
}
