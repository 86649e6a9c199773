import { Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { useUsageOfKey } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { LimitMeter, Ranking, Stat, Stats, TokenClasses, Usd } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { useMemo } from "react";
import { SpanControl, spanQuery, useDays, useSpan } from "../../parts/span.tsx";
import { useCompared } from "../dashboard/use-compared.ts";
import { Change } from "../dashboard/change.tsx";
import { OverDays } from "../dashboard/over-days.tsx";
import boxes from "../dashboard/dashboard.module.css";
import { Recent } from "../requests/recent.tsx";

/** What a key has used, where its limits stand, and its latest calls. */
export function KeyUsage({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const write = useDays();
  const [span] = useSpan("30");
  const pulse = usePulse(60_000);
  const usage = useUsageOfKey(id, span, pulse);
  const compared = useCompared({ key: id }, span);
  const earlier = useUsageOfKey(id, compared ?? span).data?.trend;
  const requests = useMemo(
    () => ({ key: id, pageSize: 20, since: span.since, ...(span.to < span.today && { until: span.until }) }),
    [id, span.since, span.until, span.to, span.today],
  );
  const filter = useMemo(() => ({ key: id }), [id]);
  if (usage.isPending) return <Loading rows={4} height={80} />;
  if (!usage.data) return <Failing error={usage.error} retry={() => void usage.refetch()} />;
  const { today, total, span: sum, trend, models, accounts, limits } = usage.data;
  return (
    <Stack gap={12}>
      <Group justify="flex-end">
        <SpanControl fallback="30" compares />
      </Group>
      <Stats>
        <Stat
          label={t("usage.costToday")}
          value={format.usd(today.costUsd)}
          under={t("usage.requestsCount", { count: today.requests })}
        />
        <Stat
          label={t("usage.costOf")}
          value={<Usd value={sum.costUsd} />}
          under={
            compared ? (
              <Change now={sum.costUsd} before={compared.figures.costUsd} days={write(compared)} />
            ) : (
              t("usage.requestsCount", { count: sum.requests })
            )
          }
        />
        <Stat
          label={t("usage.costEver")}
          value={format.usd(total.costUsd)}
          under={t("usage.tokensCount", { tokens: format.compact(total.tokens) })}
        />
        <Stat label={t("usage.errorRate")} value={format.percent(sum.errorRate)} under={write(span)} />
      </Stats>
      <div className={boxes.grid} style={{ marginTop: 0 }}>
        {limits.length > 0 && (
          <section className={`card ${boxes.box} ${boxes.half}`}>
            <div className={boxes.head}>
              <h2>{t("keys.limits")}</h2>
            </div>
            {limits.map((limit) => (
              <LimitMeter key={limit.name} limit={limit} />
            ))}
          </section>
        )}
        <section className={`card ${boxes.box} ${boxes.half}`}>
          <div className={boxes.head}>
            <h2>{t("usage.tokensOf")}</h2>
          </div>
          <TokenClasses figures={sum} />
        </section>
        <OverDays
          points={trend}
          before={compared && earlier && { name: write(compared), points: earlier }}
          filter={filter}
        />
        <section className={`card ${boxes.box} ${boxes.half}`}>
          <div className={boxes.head}>
            <h2>{t("usage.byModel")}</h2>
          </div>
          <Ranking rows={models} href={({ id: model }) => `/requests${spanQuery(span, { key: id, model })}`} />
        </section>
        <section className={`card ${boxes.box} ${boxes.half}`}>
          <div className={boxes.head}>
            <h2>{t("usage.byAccount")}</h2>
          </div>
          <Ranking rows={accounts} href={({ id: account }) => (account ? `/accounts/${account}` : undefined)} />
        </section>
      </div>
      <h2 style={{ margin: "12px 0 0", fontSize: 15 }}>{t("requests.recent")}</h2>
      <Recent query={requests} without="key" />
    </Stack>
  );
}
