import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { BackupPlan } from "../../api/backup.ts";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";
import classes from "./backup.module.css";

/** What an import would do, or did, by kind of record. */
export function Plan({ plan, isDone }: { readonly plan: BackupPlan; readonly isDone: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sum = (of: "new" | "different") => plan.kinds.reduce((all, kind) => all + kind[of], 0);
  const words = { added: format.number(sum("new")), replaced: format.number(sum("different")) };
  const isNothing = sum("new") + sum("different") === 0;
  return (
    <>
      <Alert mt="md" color={isDone ? "teal" : "blue"} role="status" title={t(isDone ? "backup.done" : "backup.plan")}>
        {isNothing ? t("backup.planNothing") : t(isDone ? "backup.doneNote" : "backup.planNote", words)}
      </Alert>
      <div className={classes.plan}>
        <table className={rows.table}>
          <thead>
            <tr>
              <th scope="col">{t("backup.kind")}</th>
              <th scope="col" className={rows.number}>
                {t("backup.new")}
              </th>
              <th scope="col" className={rows.number}>
                {t("backup.different")}
              </th>
              <th scope="col" className={rows.number}>
                {t("backup.same")}
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.kinds.map(({ kind, new: added, different, same }) => (
              <tr key={kind} data-same={added + different === 0 || undefined}>
                <td>{t(`backup.kinds.${kind}`)}</td>
                <td className={rows.number}>{format.number(added)}</td>
                <td className={rows.number}>{format.number(different)}</td>
                <td className={rows.number}>{format.number(same)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {plan.notes.length > 0 && (
        <ul className={classes.notes}>
          {plan.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}
