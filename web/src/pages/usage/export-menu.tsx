import { Button, Menu } from "@mantine/core";
import { Download, Sheet } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RankedBy } from "../../api/ranking.ts";
import { exportUsage } from "../../api/ranking.ts";
import { useAct } from "../../parts/act.ts";
import { saveFile } from "../../parts/download.ts";

/** The same days as CSV: a row for each day and what is ranked, or for each call. */
export function ExportMenu({ by, days }: { readonly by: RankedBy; readonly days: number }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const save = (of: Parameters<typeof exportUsage>[0]) =>
    act(async () => {
      const { name, csv } = await exportUsage(of, days);
      saveFile(name, new Blob([csv], { type: "text/csv;charset=utf-8" }));
    }, t("ranking.saved"));
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={16} />} loading={isBusy}>
          {t("ranking.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Sheet size={15} />} onClick={() => void save(by)}>
          {t("ranking.exportDays", { what: t(`ranking.one.${by}`) })}
        </Menu.Item>
        <Menu.Item leftSection={<Sheet size={15} />} onClick={() => void save("requests")}>
          {t("ranking.exportCalls")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
