import { useTranslation } from "react-i18next";
import { usePulse } from "../../api/pulse.ts";
import { useLive } from "../../api/usage.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import figures from "../../parts/figures.module.css";
import classes from "./dashboard.module.css";

/** Says whether figures move by themselves: where nobody looks, nothing is asked, and nothing spent. */
export function Pulse() {
  const { t } = useTranslation();
  const isOn = usePulse(1) !== false;
  return (
    <span className={classes.pulse} data-on={isOn}>
      <i aria-hidden />
      {t(isOn ? "usage.isLive" : "usage.isPaused")}
    </span>
  );
}

/** The last half hour by the minute; one command each time, four times a minute while somebody looks. */
export function Live() {
  const { t } = useTranslation();
  const format = useFormat();
  const live = useLive(usePulse(15_000));
  if (live.isPending) return <Loading rows={2} />;
  if (!live.data) return <Failing error={live.error} retry={() => void live.refetch()} />;
  const { minutes, requestsPerMinute, tokensPerMinute } = live.data;
  const most = Math.max(1, ...minutes.map(({ requests }) => requests));
  return (
    <>
      <div
        className={classes.live}
        role="img"
        aria-label={t("usage.liveAbout", {
          requests: format.number(minutes.reduce((sum, { requests }) => sum + requests, 0)),
        })}
      >
        {minutes.map(({ startAt, requests }) => (
          <span
            key={startAt}
            data-empty={requests === 0}
            style={{ height: `${(requests / most) * 100}%` }}
            title={`${new Date(startAt).toLocaleTimeString()}: ${requests}`}
          />
        ))}
      </div>
      <ul className={figures.legend}>
        <li>
          {t("usage.requestsPerMinute")} <b>{requestsPerMinute.toFixed(1)}</b>
        </li>
        <li>
          {t("usage.tokensPerMinute")} <b>{format.compact(Math.round(tokensPerMinute))}</b>
        </li>
      </ul>
    </>
  );
}
