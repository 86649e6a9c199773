import { Button, Group, NativeSelect } from "@mantine/core";
import { ChartNoAxesColumn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { progressOf } from "../../api/usage.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { Searched } from "../../parts/searched.tsx";
import { SpanControl, useSpan } from "../../parts/span.tsx";
import { Asked } from "../dashboard/explore.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { dimensions, isRanked, sorts, type Dimension } from "./rows.ts";
import { ExplorerTable } from "./table.tsx";
import { useExplorer } from "./use-explorer.ts";
import classes from "./usage.module.css";

const names = ["by", "split", "sort"] as const;

/** Who and what used how much over some days, split once more if one wants, against the days before. */
export default function Usage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const [span] = useSpan("30");
  const by = dimensions.find((each) => each === filters.by) ?? "key";
  const split = dimensions.find((each) => each === filters.split && each !== by);
  const sort = sorts.find((each) => each === filters.sort) ?? "costUsd";
  const found = useExplorer({ by, split, sort, span });
  const progress = progressOf(found.last);
  const choices = (value: Dimension) => ({ value, label: t(`ranking.of.${value}`) });
  return (
    <Page
      title={t("places.usage")}
      note={t("ranking.note")}
      actions={
        <>
          <SpanControl fallback="30" compares />
          <ExportMenu by={by} span={span} />
        </>
      }
    >
      <div className={rows.tools}>
        <NativeSelect
          aria-label={t("ranking.by")}
          value={by}
          data={dimensions.map(choices)}
          onChange={({ currentTarget: { value } }) => set({ by: value === "key" ? "" : value })}
        />
        <NativeSelect
          aria-label={t("ranking.split")}
          value={split ?? ""}
          data={[{ value: "", label: t("ranking.noSplit") }, ...dimensions.filter((one) => one !== by).map(choices)]}
          onChange={({ currentTarget: { value } }) => set({ split: value })}
        />
        {found.total !== undefined && (
          <span className={rows.count} role="status">
            {t("ranking.shown", { shown: found.items.length, total: found.total })}
          </span>
        )}
      </div>
      {isRanked(by) && (
        <section className={`card ${classes.chart}`}>
          <Asked
            query={{
              granularity: span.from === span.to ? "hour" : "day",
              group: by,
              most: 8,
              from: span.from,
              to: span.to,
            }}
            measure="costUsd"
          />
        </section>
      )}
      <div className="card">
        {found.isPending && <Loading />}
        {found.error !== null && found.items.length === 0 && <Failing error={found.error} retry={found.retry} />}
        {found.total === 0 && !found.hasMore && (
          <Empty icon={<ChartNoAxesColumn size={20} />} title={t("ranking.none")}>
            {t("ranking.noneNote")}
          </Empty>
        )}
        {found.items.length > 0 && (
          <ExplorerTable
            by={by}
            split={split}
            items={found.items}
            sum={found.sum}
            span={span}
            sort={sort}
            setSort={(next) => set({ sort: next === "costUsd" ? "" : next })}
          />
        )}
        {found.isLog && found.hasMore && (
          <Group justify="center" p="md" gap="sm" role="status">
            <Searched at={progress} isRunning={found.isRunning} stop={found.stop} goOn={found.goOn} />
          </Group>
        )}
        {found.isLog && <p className={classes.note}>{t("ranking.ofLog")}</p>}
        {!found.isLog && found.hasMore && (
          <div className={rows.more}>
            <Button variant="default" loading={found.isRunning} onClick={found.goOn}>
              {t("ranking.more")}
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}
