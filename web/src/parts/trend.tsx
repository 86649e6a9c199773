import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Measure, Point } from "../api/usage.ts";
import { useFormat } from "./format.ts";

const Chart = lazy(() => import("./chart.tsx"));

interface Props {
  readonly series: readonly { readonly name: string; readonly points: readonly Point[] }[];
  readonly measure: Measure;
  readonly granularity: "hour" | "day" | "month";
  readonly height?: number;
}

/** What was used over time, with the chart's code fetched only where there is a chart. */
export function Trend({ series, measure, granularity, height = 240 }: Props) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const style = {
    hour: { day: "numeric", hour: "2-digit", minute: "2-digit" },
    day: { month: "short", day: "numeric" },
    month: { year: "numeric", month: "short" },
  } as const;
  const write = new Intl.DateTimeFormat(i18n.language, style[granularity]);
  const labels = (series[0]?.points ?? []).map(({ period, startAt }) =>
    write.format(granularity === "hour" ? startAt : localDay(period)),
  );
  const sum = series.reduce(
    (all, { points }) => all + points.reduce((total, { figures }) => total + figures[measure], 0),
    0,
  );
  const inWords = measure === "costUsd" ? format.usd : format.compact;
  return (
    <Suspense fallback={<Skeleton height={height} />}>
      <Chart
        height={height}
        labels={labels}
        series={series.map(({ name, points }) => ({ name, values: points.map(({ figures }) => figures[measure]) }))}
        write={inWords}
        about={t("chart.about", {
          measure: t(`measures.${measure}`),
          from: labels[0] ?? "",
          to: labels.at(-1) ?? "",
          sum: inWords(sum),
        })}
      />
    </Suspense>
  );
}

/** A day or month of the relay's time zone, shown by its own name whatever the reader's zone is. */
function localDay(period: string): Date {
  const [year = 0, month = 1, day = 1] = period.split("-").map(Number);
  return new Date(year, month - 1, day);
}
