import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Measure, Point } from "../api/usage.ts";
import { useLocation } from "wouter";
import { useFormat } from "./format.ts";
import { intlZone, shiftDay, useZone } from "./zone.ts";

const Chart = lazy(() => import("./chart.tsx"));

interface Props {
  readonly series: readonly { readonly id?: string; readonly name: string; readonly points: readonly Point[] }[];
  readonly measure: Measure;
  readonly granularity: "hour" | "day" | "month";
  readonly height?: number;
  /** Drawn pale beside the others, from the same start. */
  readonly before?: { readonly name: string; readonly points: readonly Point[] };
  readonly open?: (point: Point) => void;
}

/** A bar leads to the requests of its hour, day or month. */
export function useOpenDay(filter: Readonly<Record<string, string>> = {}): (point: Point) => void {
  const [, go] = useLocation();
  return ({ period, startAt }) => {
    const days =
      period.length === 7
        ? { from: `${period}-01`, to: shiftDay(`${shiftDay(`${period}-01`, 31).slice(0, 7)}-01`, -1) }
        : { from: period.slice(0, 10), to: period.slice(0, 10) };
    const hour: Record<string, string> = period.includes("T")
      ? { since: String(startAt), until: String(startAt + 3_600_000) }
      : {};
    go(`/requests?${new URLSearchParams({ ...filter, ...days, ...hour }).toString()}`);
  };
}

/** What was used over time, with the chart's code fetched only where there is a chart. */
export function Trend({ series, measure, granularity, height = 240, before, open }: Props) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const zone = useZone();
  const style = {
    hour: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    day: { month: "short", day: "numeric" },
    month: { year: "numeric", month: "short" },
  } as const;
  const write = new Intl.DateTimeFormat(i18n.language, {
    ...style[granularity],
    ...(granularity === "hour" && { timeZone: intlZone(zone) }),
  });
  const labels = (series[0]?.points ?? []).map(({ period, startAt }) =>
    write.format(granularity === "hour" ? startAt : localDay(period)),
  );
  const sum = series.reduce(
    (all, { points }) => all + points.reduce((total, { figures }) => total + figures[measure], 0),
    0,
  );
  const valuesOf = (points: readonly Point[]) => points.map(({ figures }) => figures[measure]);
  const inWords = measure === "costUsd" ? format.usd : format.compact;
  return (
    <Suspense fallback={<Skeleton height={height} />}>
      <Chart
        height={height}
        labels={labels}
        series={series.map(({ id, name, points }) => ({ name, isRest: id === "(others)", values: valuesOf(points) }))}
        {...(before && { before: { name: before.name, values: valuesOf(before.points) } })}
        {...(open && { open: (at: number) => series[0]?.points[at] && open(series[0].points[at]) })}
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
