import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Point } from "../../api/usage.ts";
import { useFilters } from "../../parts/filters.ts";
import { Trend, useOpenDay } from "../../parts/trend.tsx";
import { measures } from "./explore.tsx";
import classes from "./dashboard.module.css";

const names = ["measure"] as const;

interface Props {
  readonly points: readonly Point[];
  /** Drawn pale: the days before. */
  readonly before: { readonly name: string; readonly points: readonly Point[] } | undefined;
  /** What narrows the requests that a bar leads to. */
  readonly filter: Readonly<Record<string, string>>;
}

/** One key's or account's use by the day, by whichever figure one asks for; the address knows which. */
export function OverDays({ points, before, filter }: Props) {
  const { t } = useTranslation();
  const [chosen, set] = useFilters(names);
  const open = useOpenDay(filter);
  const measure = measures.find((one) => one === chosen.measure) ?? "costUsd";
  return (
    <section className={`card ${classes.box} ${classes.wide}`}>
      <div className={classes.head}>
        <h2>{t("usage.perDay")}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t("usage.measure")}
          value={measure}
          onChange={(next) => set({ measure: next === "costUsd" ? "" : next })}
          data={measures.map((value) => ({ value, label: t(`measures.${value}`) }))}
        />
      </div>
      <Trend
        series={[{ name: t(`measures.${measure}`), points }]}
        measure={measure}
        granularity="day"
        height={200}
        {...(before && { before })}
        open={open}
      />
    </section>
  );
}
