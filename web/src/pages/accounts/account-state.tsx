import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { countdown, useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import type { Tone } from "../../parts/state.tsx";
import { State } from "../../parts/state.tsx";
import classes from "./accounts.module.css";

type Status = Account["state"]["status"];
export const tones: Record<Status, Tone> = {
  serving: "good",
  cooling: "warn",
  stopped: "bad",
  paused: "off",
  "no-credential": "bad",
};

/** Whether an account serves, and if not, until when and why. */
export function AccountState({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const { status, reason, untilAt, cooldowns } = account.state;
  const families = cooldowns.filter(({ scope }) => scope !== "account");
  return (
    <div className={classes.state}>
      <State tone={status === "serving" && families.length > 0 ? "warn" : tones[status]}>
        {t(`accounts.status.${status}`)}
        {untilAt !== null && <Left untilAt={untilAt} />}
      </State>
      {reason && (
        <Tooltip label={reason}>
          <span className={classes.reason}>{reason}</span>
        </Tooltip>
      )}
      {families.map((family) => (
        <span key={family.scope} className={classes.reason}>
          {t("accounts.familyRests", { family: family.scope.replace("family:", "") })} <Left untilAt={family.untilAt} />{" "}
          · {family.reason}
        </span>
      ))}
    </div>
  );
}

function Left({ untilAt }: { readonly untilAt: number }) {
  const { t } = useTranslation();
  const now = useNow();
  const format = useFormat();
  const left = untilAt - now;
  return (
    <Tooltip label={t("accounts.servesAgainAt", { at: format.time(untilAt) })}>
      <span className="tabular">{left > 0 ? countdown(left) : t("accounts.anyMoment")}</span>
    </Tooltip>
  );
}

/** How long the credential lasts. */
export function CredentialEnd({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const now = useNow();
  const format = useFormat();
  const endsAt = account.credentialExpiresAt;
  if (account.credentialKind !== "oauth" || endsAt === null) {
    return (
      <span>
        {account.credentialHint ? <span className="mono">…{account.credentialHint}</span> : t("accounts.noEnd")}
      </span>
    );
  }
  if (account.canRefresh)
    return (
      <Tooltip label={t("accounts.renewsNote", { at: format.time(endsAt) })}>
        <span>{t("accounts.renews")}</span>
      </Tooltip>
    );
  return <span>{t(endsAt > now ? "accounts.endsIn" : "accounts.ended", { when: format.relative(endsAt, now) })}</span>;
}
