import { Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { useUsageOfAccount } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Ranking, Stat, Stats, Usd } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { useMemo } from "react";
import { SpanControl, spanQuery, useDays, useSpan } from "../../parts/span.tsx";
import { useCompared } from "../dashboard/use-compared.ts";
import { Change } from "../dashboard/change.tsx";
import { OverDays } from "../dashboard/over-days.tsx";
import boxes from "../dashboard/dashboard.module.css";
import { Recent } from "../requests/recent.tsx";
import { Window } from "./window.tsx";

/** What an account has served, how full its provider's windows are and when they will be empty, and what failed of late. */
export function AccountUsage({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const write = useDays();
  const [span] = useSpan("30");
  const pulse = usePulse(60_000);
  const usage = useUsageOfAccount(id, span, pulse);
  const compared = useCompared({ account: id }, span);
  const earlier = useUsageOfAccount(id, compared ?? span).data?.trend;
  const requests = useMemo(
    () => ({ account: id, pageSize: 20, since: span.since, ...(span.to < span.today && { until: span.until }) }),
    [id, span.since, span.until, span.to, span.today],
  );
  const filter = useMemo(() => ({ account: id }), [id]);
  if (usage.isPending) return <Loading rows={3} height={80} />;
  if (!usage.data) return <Failing error={usage.error} retry={() => void usage.refetch()} />;
  const { today, span: sum, trend, models, windows } = usage.data;
  return (
    <Stack gap={12}>
      <Group justify="flex-end">
        <SpanControl fallback="30" compares />
      </Group>
      <Stats>
        <Stat
          label={t("usage.requestsToday")}
          value={format.compact(today.requests)}
          under={t("usage.requestsInDays", { count: sum.requests, days: write(span) })}
        />
        <Stat
          label={t("usage.costOf")}
          value={<Usd value={sum.costUsd} />}
          under={compared && <Change now={sum.costUsd} before={compared.figures.costUsd} days={write(compared)} />}
        />
        <Stat label={t("usage.errorRate")} value={format.percent(sum.errorRate)} under={write(span)} />
        <Stat
          label={t("usage.firstToken")}
          value={sum.firstMs === null ? "–" : format.duration(sum.firstMs)}
          under={write(span)}
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
          <Ranking rows={models} href={({ id: model }) => `/requests${spanQuery(span, { account: id, model })}`} />
        </section>
        <OverDays
          points={trend}
          before={compared && earlier && { name: write(compared), points: earlier }}
          filter={filter}
        />
      </div>
      <h2 style={{ margin: "12px 0 0", fontSize: 15 }}>{t("requests.recent")}</h2>
      <Recent query={requests} without="account" />
    </Stack>
  );
}
