import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Alerts as Shape } from "../../api/watch.ts";
import { useAlerts } from "../../api/watch.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { State } from "../../parts/state.tsx";
import { Channels } from "./channels.tsx";
import { History } from "./history.tsx";
import { Rules, When } from "./rules.tsx";

/** What the relay tells by itself: what is on now, where it is told, by which rules, and what was told. */
export default function Alerts() {
  const { t } = useTranslation();
  const alerts = useAlerts();
  return (
    <Page isNarrow title={t("places.alerts")} note={t("alerts.note")}>
      {alerts.isPending && (
        <div className="card">
          <Loading rows={5} height={56} />
        </div>
      )}
      {alerts.isError && !alerts.data && (
        <div className="card">
          <Failing error={alerts.error} retry={() => void alerts.refetch()} />
        </div>
      )}
      {alerts.data && (
        <Stack gap="lg">
          <Now alerts={alerts.data} />
          <Channels channels={alerts.data.channels} />
          <Rules settings={alerts.data.settings} />
          <When settings={alerts.data.settings} />
          <History history={alerts.data.history} channels={alerts.data.channels} />
        </Stack>
      )}
    </Page>
  );
}

function Now({ alerts: { active, channels } }: { readonly alerts: Shape }) {
  const { t } = useTranslation();
  const isWatching = channels.some(({ isEnabled }) => isEnabled);
  return (
    <section className="card" aria-labelledby="alerts-now">
      <div className={rows.top}>
        <h2 id="alerts-now" className={rows.head}>
          {t("alerts.now")}
        </h2>
        {active.length === 0 && (
          <State tone={isWatching ? "good" : "off"}>{t(isWatching ? "alerts.quietNow" : "alerts.unwatched")}</State>
        )}
      </div>
      {active.length > 0 && (
        <ul className={rows.list}>
          {active.map((alert) => (
            <On key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function On({ alert: { rule, subject, text, sinceAt, toldAt } }: { readonly alert: Shape["active"][number] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <div className={rows.main}>
        <span className={rows.name}>
          <State tone="bad">
            {t(`alerts.rule.${rule}`)}
            {subject && `: ${subject}`}
          </State>
        </span>
        <span className={rows.sub}>{text}</span>
      </div>
      <Text c="dimmed" size="sm" className={rows.side}>
        <span>
          {toldAt === null
            ? t("alerts.untold", { at: format.time(sinceAt) })
            : t("alerts.toldAt", { at: format.time(toldAt) })}
        </span>
      </Text>
    </li>
  );
}
