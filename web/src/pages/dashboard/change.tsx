import { ArrowDownRight, ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../parts/format.ts";

/** Today against yesterday. Today is not over, so neither direction is called good. */
export function Change({ now, before }: { readonly now: number; readonly before: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (before === 0) return <>{t("usage.noYesterday")}</>;
  const share = now / before - 1;
  const Arrow = share >= 0 ? ArrowUpRight : ArrowDownRight;
  return (
    <>
      <Arrow size={13} aria-hidden />{" "}
      {t(share >= 0 ? "usage.more" : "usage.less", { value: format.percent(Math.abs(share)) })}
    </>
  );
}
