import { Button, SegmentedControl } from "@mantine/core";
import { ChartNoAxesColumn } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RankedBy, RankedSort } from "../../api/ranking.ts";
import { useRanking } from "../../api/ranking.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { ExportMenu } from "./export-menu.tsx";
import { RankedTable } from "./table.tsx";

const names = ["by", "days", "sort"] as const;
const groups: readonly RankedBy[] = ["key", "account", "model", "tag"];
const spans = [7, 30, 90] as const;
const sorts: readonly RankedSort[] = ["costUsd", "requests", "errors", "tokens", "name"];

/** Who and what used how much over days: all of them, where the dashboard shows the first ten. */
export default function Usage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const by = groups.find((each) => each === filters.by) ?? "key";
  const days = spans.find((each) => String(each) === filters.days) ?? 30;
  const sort = sorts.find((each) => each === filters.sort) ?? "costUsd";
  const ranking = useRanking(by, days, sort);
  const items = ranking.data?.pages.flatMap((page) => page.items) ?? [];
  const total = ranking.data?.pages[0]?.total;
  return (
    <Page title={t("places.usage")} note={t("ranking.note")} actions={<ExportMenu by={by} days={days} />}>
      <div className={rows.tools}>
        <SegmentedControl
          aria-label={t("ranking.by")}
          value={by}
          data={groups.map((value) => ({ value, label: t(`ranking.of.${value}`) }))}
          onChange={(value) => set({ by: value === "key" ? "" : value })}
        />
        <SegmentedControl
          aria-label={t("ranking.span")}
          value={String(days)}
          data={spans.map((value) => ({ value: String(value), label: t("ranking.days", { count: value }) }))}
          onChange={(value) => set({ days: value === "30" ? "" : value })}
        />
        {total !== undefined && (
          <span className={rows.count} role="status">
            {t("ranking.shown", { shown: items.length, total })}
          </span>
        )}
      </div>
      <div className="card">
        {ranking.isPending && <Loading />}
        {ranking.isError && !ranking.data && <Failing error={ranking.error} retry={() => void ranking.refetch()} />}
        {total === 0 && (
          <Empty icon={<ChartNoAxesColumn size={20} />} title={t("ranking.none")}>
            {t("ranking.noneNote")}
          </Empty>
        )}
        {items.length > 0 && (
          <RankedTable
            by={by}
            items={items}
            sort={sort}
            setSort={(next) => set({ sort: next === "costUsd" ? "" : next })}
          />
        )}
        {ranking.hasNextPage && (
          <div className={rows.more}>
            <Button variant="default" loading={ranking.isFetchingNextPage} onClick={() => void ranking.fetchNextPage()}>
              {t("ranking.more")}
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}
