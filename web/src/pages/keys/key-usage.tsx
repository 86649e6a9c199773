import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { useUsageOfKey } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { LimitMeter, Ranking, Stat, Stats, TokenClasses } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { OverDays } from "../dashboard/over-days.tsx";
import boxes from "../dashboard/dashboard.module.css";
import { Recent } from "../requests/recent.tsx";

/** What a key has used, where its limits stand, and its latest calls. */
export function KeyUsage({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const usage = useUsageOfKey(id, usePulse(60_000));
  if (usage.isPending) return <Loading rows={4} height={80} />;
  if (!usage.data) return <Failing error={usage.error} retry={() => void usage.refetch()} />;
  const { today, total, span, trend, models, accounts, limits } = usage.data;
  return (
    <Stack gap={12}>
      <Stats>
        <Stat
          label={t("usage.costToday")}
          value={format.usd(today.costUsd)}
          under={t("usage.requestsCount", { count: today.requests })}
        />
        <Stat
          label={t("usage.cost30")}
          value={format.usd(span.costUsd)}
          under={t("usage.requestsCount", { count: span.requests })}
        />
        <Stat
          label={t("usage.costEver")}
          value={format.usd(total.costUsd)}
          under={t("usage.tokensCount", { tokens: format.compact(total.tokens) })}
        />
        <Stat
          label={t("usage.errorRate")}
          value={format.percent(span.errorRate)}
          under={t("usage.lastDays", { count: 30 })}
        />
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
            <h2>{t("usage.tokens30")}</h2>
          </div>
          <TokenClasses figures={span} />
        </section>
        <OverDays points={trend} />
        <section className={`card ${boxes.box} ${boxes.half}`}>
          <div className={boxes.head}>
            <h2>{t("usage.byModel")}</h2>
          </div>
          <Ranking rows={models} />
        </section>
        <section className={`card ${boxes.box} ${boxes.half}`}>
          <div className={boxes.head}>
            <h2>{t("usage.byAccount")}</h2>
          </div>
          <Ranking rows={accounts} href={({ id: account }) => (account ? `/accounts/${account}` : undefined)} />
        </section>
      </div>
      <h2 style={{ margin: "12px 0 0", fontSize: 15 }}>{t("requests.recent")}</h2>
      <Recent query={{ key: id, pageSize: 20 }} without="key" />
    </Stack>
  );
}
