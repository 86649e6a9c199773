import { useTranslation } from "react-i18next";
import { useRelayUrl } from "../../api/settings.ts";
import { Copy, CopyButton } from "../../parts/copy.tsx";
import classes from "./keys.module.css";

/** A secret that is shown this once: it lives in this component's props and is gone with the page. */
export function Secret({ secret }: { readonly secret: string }) {
  const { t } = useTranslation();
  const url = useRelayUrl();
  return (
    <div className={classes.secret}>
      <code data-testid="secret">{secret}</code>
      <CopyButton text={secret} label={t("keys.copySecret")} />
      <Copy text={t("keys.message", { url, secret, page: `${url}/web/key` })} label={t("keys.copyMessage")} />
    </div>
  );
}
