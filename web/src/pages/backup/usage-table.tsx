import { Button, Select, Text } from "@mantine/core";
import { Sheet } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UsageOf } from "../../api/backup.ts";
import { exportUsage } from "../../api/backup.ts";
import { useAct } from "../../parts/act.ts";
import { saveFile } from "../../parts/download.ts";
import rows from "../../parts/rows.module.css";

const kinds: readonly UsageOf[] = ["key", "account", "model", "tag", "requests"];
const spans = [7, 30, 90] as const;
const dayMs = 86_400_000;

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Usage as CSV: by the day, or call by call. */
export function UsageTable() {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [of, setOf] = useState<UsageOf>("key");
  const [days, setDays] = useState<number>(30);
  const save = () =>
    act(async () => {
      const to = Date.now();
      const { name, csv } = await exportUsage({ of, from: dayOf(to - (days - 1) * dayMs), to: dayOf(to) });
      saveFile(name, new Blob([csv], { type: "text/csv;charset=utf-8" }));
    }, t("backup.usageSaved"));
  return (
    <section className={`card ${rows.section ?? ""}`} aria-labelledby="usage-table">
      <h2 id="usage-table" className={rows.head}>
        {t("backup.usage")}
      </h2>
      <Text c="dimmed" size="sm">
        {t("backup.usageNote")}
      </Text>
      <div className={rows.fields}>
        <Select
          label={t("backup.rows")}
          allowDeselect={false}
          data={kinds.map((value) => ({ value, label: t(`backup.rowsOf.${value}`) }))}
          value={of}
          onChange={(value) => setOf(kinds.find((kind) => kind === value) ?? "key")}
        />
        <Select
          label={t("backup.span")}
          allowDeselect={false}
          data={spans.map((value) => ({ value: String(value), label: t("backup.days", { count: value }) }))}
          value={String(days)}
          onChange={(value) => setDays(Number(value))}
        />
      </div>
      <Button mt="lg" variant="default" leftSection={<Sheet size={16} />} loading={isBusy} onClick={() => void save()}>
        {t("backup.usageNow")}
      </Button>
    </section>
  );
}
