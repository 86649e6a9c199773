import { useTranslation } from "react-i18next";
import type { RequestRow } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { Status } from "./status.tsx";
import classes from "./requests.module.css";

interface Props {
  readonly rows: readonly RequestRow[];
  readonly open: (logId: string) => void;
  /** A page of one key or account need not repeat it in every row. */
  readonly without?: "key" | "account";
}

/** Calls, newest first; each opens its explanation. */
export function RequestTable({ rows, open, without }: Props) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t("requests.when")}</th>
            <th>{t("requests.status")}</th>
            <th className={classes.roomy}>{t("requests.blame")}</th>
            <th>{t("requests.model")}</th>
            {without !== "key" && <th className={classes.second}>{t("keys.key")}</th>}
            {without !== "account" && <th className={classes.optional}>{t("accounts.account")}</th>}
            <th className={`${classes.number} ${classes.optional}`}>{t("measures.tokens")}</th>
            <th className={`${classes.number} ${classes.second}`}>{t("measures.costUsd")}</th>
            <th className={`${classes.number} ${classes.optional}`}>{t("requests.first")}</th>
            <th className={`${classes.number} ${classes.optional}`}>{t("requests.total")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.logId} row={row} open={open} without={without} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Omit<Props, "rows" | "without"> {
  readonly row: RequestRow;
  readonly without: Props["without"];
}

function Row({ row, open, without }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <tr onClick={() => open(row.logId)}>
      <td>
        <button type="button" className={classes.open} title={t("requests.explain", { at: format.time(row.at) })}>
          {format.relative(row.at, Math.max(now, row.at))}
        </button>
      </td>
      <td>
        <Status row={row} />
      </td>
      <td className={classes.roomy}>{row.blame ? t(`blames.${row.blame}`) : ""}</td>
      <td>
        <span className={classes.clip} title={row.model ?? ""}>
          {row.model ?? "–"}
        </span>
      </td>
      {without !== "key" && (
        <td className={classes.second}>
          <span className={classes.clip}>{row.key.name}</span>
        </td>
      )}
      {without !== "account" && (
        <td className={classes.optional}>
          <span className={classes.clip}>
            {row.account?.name ?? "–"}
            {row.attempts > 1 && ` (${t("requests.tries", { count: row.attempts })})`}
          </span>
        </td>
      )}
      <td className={`${classes.number} ${classes.optional}`}>{format.compact(row.tokens)}</td>
      <td className={`${classes.number} ${classes.second}`}>
        {row.isPriced || row.tokens === 0 ? format.usd(row.costUsd) : t("requests.unpriced")}
      </td>
      <td className={`${classes.number} ${classes.optional}`}>
        {row.firstMs > 0 ? format.duration(row.firstMs) : "–"}
      </td>
      <td className={`${classes.number} ${classes.optional}`}>{format.duration(row.totalMs)}</td>
    </tr>
  );
}
