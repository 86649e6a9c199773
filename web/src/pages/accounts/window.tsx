import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { AccountNow } from "../../api/usage.ts";
import { Meter } from "../../parts/figures.tsx";
import { countdown, useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import classes from "./accounts.module.css";

type WindowView = AccountNow["windows"][number];

/** How full a provider's window is, when it begins anew, and when it will be used up as things go. */
export function Window({ window }: { readonly window: WindowView }) {
  const { t } = useTranslation();
  const { share, ends } = useWords(window);
  return (
    <Meter
      label={window.name}
      about={t("usage.windowOf", { name: window.name })}
      share={window.utilization}
      words={[share, ...ends].join(" · ")}
    />
  );
}

/** The windows of an account in the cell of a table; what ends when is told to whoever points at one. */
export function Windows({ windows }: { readonly windows: readonly WindowView[] }) {
  if (windows.length === 0) return <span className={classes.sub}>–</span>;
  return (
    <div className={classes.windows}>
      {windows.map((window) => (
        <Small key={window.name} window={window} />
      ))}
    </div>
  );
}

function Small({ window }: { readonly window: WindowView }) {
  const { t } = useTranslation();
  const { share, ends } = useWords(window);
  const about = t("usage.windowOf", { name: window.name });
  return (
    <Tooltip label={[about, share, ...ends].join(" · ")}>
      <div>
        <Meter label={window.name} about={about} share={window.utilization} words={share} />
      </div>
    </Tooltip>
  );
}

function useWords({ utilization, resetAt, emptiesAt }: WindowView): { share: string; ends: string[] } {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const ends = [
    ...(resetAt !== null && resetAt > now ? [t("usage.resetsIn", { left: countdown(resetAt - now) })] : []),
    ...(emptiesAt !== null && emptiesAt > now ? [t("usage.emptiesAt", { at: format.clock(emptiesAt, now) })] : []),
  ];
  return { share: format.percent(utilization), ends };
}
