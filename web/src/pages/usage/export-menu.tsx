import { Button, Menu } from "@mantine/core";
import { Download, Sheet } from "lucide-react";
import { useTranslation } from "react-i18next";
import { exportUsage } from "../../api/ranking.ts";
import { useAct } from "../../parts/act.ts";
import { saveCsv } from "../../parts/download.ts";
import type { Span } from "../../parts/span.tsx";
import { isRanked, type Dimension } from "./rows.ts";

/** The same days as CSV: a row for each day and what is ranked, or for each call. */
export function ExportMenu({ by, span: { from, to } }: { readonly by: Dimension; readonly span: Span }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const save = (of: Parameters<typeof exportUsage>[0]["of"]) =>
    act(async () => {
      const { name, csv } = await exportUsage({ of, from, to });
      saveCsv(name, csv);
    }, t("ranking.saved"));
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} />} loading={isBusy}>
          {t("ranking.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {isRanked(by) && (
          <Menu.Item leftSection={<Sheet size={15} />} onClick={() => void save(by)}>
            {t("ranking.exportDays", { what: t(`ranking.one.${by}`) })}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Sheet size={15} />} onClick={() => void save("requests")}>
          {t("ranking.exportCalls")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
