import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { useUsageOfAccount } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Ranking, Stat, Stats } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { OverDays } from "../dashboard/over-days.tsx";
import boxes from "../dashboard/dashboard.module.css";
import { Recent } from "../requests/recent.tsx";
import { Window } from "./window.tsx";

/** What an account has served, how full its provider's windows are and when they will be empty, and what failed of late. */
export function AccountUsage({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const usage = useUsageOfAccount(id, usePulse(60_000));
  if (usage.isPending) return <Loading rows={3} height={80} />;
  if (!usage.data) return <Failing error={usage.error} retry={() => void usage.refetch()} />;
  const { today, span, trend, models, windows } = usage.data;
  return (
    <Stack gap={12}>
      <Stats>
        <Stat
          label={t("usage.requestsToday")}
          value={format.compact(today.requests)}
          under={t("usage.requestsIn30", { count: span.requests })}
        />
        <Stat
          label={t("usage.costToday")}
          value={format.usd(today.costUsd)}
          under={t("usage.costIn30", { usd: format.usd(span.costUsd) })}
        />
        <Stat
          label={t("usage.errorRate")}
          value={format.percent(span.errorRate)}
          under={t("usage.lastDays", { count: 30 })}
        />
        <Stat
          label={t("usage.firstToken")}
          value={span.firstMs === null ? "–" : format.duration(span.firstMs)}
          under={t("usage.lastDays", { count: 30 })}
        />
      </Stats>
      <div className={boxes.grid} style={{ marginTop: 0 }}>
        {windows.length > 0 && (
          <section className={`card ${boxes.box} ${boxes.half}`}>
            <div className={boxes.head}>
              <h2>{t("usage.windows")}</h2>
            </div>
            {windows.map((window) => (
              <Window key={window.name} window={window} />
            ))}
          </section>
        )}
        <section className={`card ${boxes.box} ${windows.length > 0 ? boxes.half : boxes.wide}`}>
          <div className={boxes.head}>
            <h2>{t("usage.byModel")}</h2>
          </div>
          <Ranking rows={models} />
        </section>
        <OverDays points={trend} />
      </div>
      <h2 style={{ margin: "12px 0 0", fontSize: 15 }}>{t("requests.recent")}</h2>
      <Recent query={{ account: id, pageSize: 20 }} without="account" />
    </Stack>
  );
}
