import { useTranslation } from "react-i18next";
import { CopyButton } from "../../parts/copy.tsx";
import classes from "./keys.module.css";

/** A secret that is shown this once: it lives in this component's props and is gone with the page. */
export function Secret({ secret }: { readonly secret: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.secret}>
      <code data-testid="secret">{secret}</code>
      <CopyButton text={secret} label={t("keys.copySecret")} />
    </div>
  );
}
