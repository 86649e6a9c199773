import { useTranslation } from "react-i18next";
import type { Overview } from "../../api/usage.ts";
import { Meter } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";

/** What this month's calls cost in billed store commands, against the plan that the settings name. */
export function Commands({ commands }: { readonly commands: Overview["commands"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Meter
      label={format.percent(commands.estimated / commands.plan)}
      about={t("usage.commands")}
      share={commands.estimated / commands.plan}
      words={t("usage.commandsOf", { used: format.compact(commands.estimated), plan: format.compact(commands.plan) })}
    />
  );
}
