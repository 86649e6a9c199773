import { useTranslation } from "react-i18next";
import type { Alerts } from "../../api/watch.ts";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";
import { State, type Tone } from "../../parts/state.tsx";

interface Props {
  readonly history: Alerts["history"];
  readonly channels: Alerts["channels"];
}

const tones: Record<Alerts["history"][number]["turn"], Tone> = {
  raised: "bad",
  reminder: "warn",
  cleared: "good",
  test: "off",
};

/** What was told, newest first, and which channels did not take it. */
export function History({ history, channels }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = (id: string) => channels.find((channel) => channel.id === id)?.name ?? t("alerts.gone");
  return (
    <section className="card" aria-labelledby="alerts-history">
      <div className={rows.top}>
        <div>
          <h2 id="alerts-history" className={rows.head}>
            {t("alerts.history")}
          </h2>
          <p>{t(history.length === 0 ? "alerts.historyNone" : "alerts.historyNote")}</p>
        </div>
      </div>
      {history.length > 0 && (
        <ul className={rows.list}>
          {history.map(({ at, id, turn, rule, subject, text, failed }) => (
            <li key={`${id} ${at} ${turn}`}>
              <div className={rows.main}>
                <span className={rows.name}>
                  <State tone={tones[turn]}>
                    {t(`alerts.turns.${turn}`)} · {t(`alerts.rule.${rule}`)}
                    {subject && `: ${subject}`}
                  </State>
                </span>
                <span className={rows.sub}>{text}</span>
                {failed.map(({ channel, error }) => (
                  <span key={channel} className={rows.sub} style={{ color: "var(--bad)" }}>
                    {t("alerts.refused", { name: nameOf(channel), error })}
                  </span>
                ))}
              </div>
              <time className={`${rows.side} ${rows.sub}`} dateTime={new Date(at).toISOString()}>
                {format.time(at)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
