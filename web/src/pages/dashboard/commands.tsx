import { useTranslation } from "react-i18next";
import type { Overview } from "../../api/usage.ts";
import { Meter } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";

/** What this month's calls cost in billed store commands, against the plan that the settings name. */
export function Commands({ commands }: { readonly commands: Overview["commands"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div style={{ marginTop: 22 }}>
      <Meter
        label={t("usage.commands")}
        about={t("usage.commands")}
        share={commands.estimated / commands.plan}
        words={t("usage.commandsOf", { used: format.compact(commands.estimated), plan: format.compact(commands.plan) })}
      />
    </div>
  );
}
