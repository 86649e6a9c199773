import { ArrowDownRight, ArrowUpRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../parts/format.ts";

interface Props {
  readonly now: number;
  readonly before: number | undefined;
  /** The days that are compared with. */
  readonly days: string;
}

/** A span against the one before, of the same hours. The span may not be over, so neither direction is called good. */
export function Change({ now, before, days }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (before === undefined) return null;
  if (before === 0) return <>{t("usage.noneBefore", { days })}</>;
  const share = now / before - 1;
  const Arrow = share >= 0 ? ArrowUpRight : ArrowDownRight;
  return (
    <span title={t("usage.sameHours")}>
      <Arrow size={13} aria-hidden />{" "}
      {t(share >= 0 ? "usage.more" : "usage.less", { value: format.percent(Math.abs(share)), days })}
    </span>
  );
}
