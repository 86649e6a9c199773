import { useTranslation } from "react-i18next";
import type { Overview } from "../../api/usage.ts";
import { Meter } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";

/** Commands a month of Upstash's free plan (upstash.com/pricing/redis). */
const freePlan = 500_000;

/** What this month's calls cost in billed store commands, against a free plan. */
export function Commands({ commands }: { readonly commands: Overview["commands"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div style={{ marginTop: 22 }}>
      <Meter
        label={t("usage.commands")}
        about={t("usage.commands")}
        share={commands.estimated / freePlan}
        words={t("usage.commandsOf", { used: format.compact(commands.estimated), plan: format.compact(freePlan) })}
      />
    </div>
  );
}
