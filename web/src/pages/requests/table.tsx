import { useTranslation } from "react-i18next";
import type { RequestRow } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { Clip, type Column, Table } from "../../parts/table.tsx";
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
    <Table
      id="requests"
      label={t("places.requests")}
      columns={useColumns(without)}
      count={rows.length}
      rowAt={(index) => rows[index]}
      keyOf={({ logId }) => logId}
      rowHeight={38}
      open={({ logId }) => open(logId)}
    />
  );
}

function useColumns(without: Props["without"]): readonly Column<RequestRow>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const costOf = (row: RequestRow) =>
    row.isPriced || row.tokens === 0 ? format.usd(row.costUsd) : t("requests.unpriced");
  const columns: readonly Column<RequestRow>[] = [
    { id: "when", label: t("requests.when"), width: 104, cell: (row) => <When row={row} /> },
    { id: "status", label: t("requests.status"), width: 76, cell: (row) => <Status row={row} isShort /> },
    {
      id: "model",
      label: t("requests.model"),
      width: 160,
      isName: true,
      cell: (row, shown) => (
        <Model
          of={row}
          missing={[without === "key" || shown.has("key") ? "" : row.key.name, shown.has("cost") ? "" : costOf(row)]}
        />
      ),
    },
    {
      id: "key",
      label: t("keys.key"),
      width: 160,
      leaves: 7,
      cell: (row) => <Clip text={row.key.name} />,
    },
    {
      id: "account",
      label: t("accounts.account"),
      width: 160,
      leaves: 4,
      cell: (row) => (
        <Clip
          text={`${row.account?.name ?? "–"}${row.attempts > 1 ? ` (${t("requests.tries", { count: row.attempts })})` : ""}`}
        />
      ),
    },
    {
      id: "reason",
      label: t("accounts.said"),
      width: 170,
      leaves: 3,
      cell: (row) => <Clip text={row.failure?.split(":")[0] ?? ""} />,
    },
    {
      id: "blame",
      label: t("requests.blame"),
      width: 110,
      leaves: 1,
      cell: (row) => (row.blame ? t(`blames.${row.blame}`) : ""),
    },
    {
      id: "tokens",
      label: t("measures.tokens"),
      width: 84,
      leaves: 5,
      isNumber: true,
      cell: (row) => format.compact(row.tokens),
    },
    {
      id: "cost",
      label: t("measures.costUsd"),
      width: 92,
      leaves: 8,
      isNumber: true,
      cell: costOf,
    },
    {
      id: "first",
      label: t("requests.first"),
      width: 92,
      leaves: 2,
      isNumber: true,
      cell: (row) => (row.firstMs > 0 ? format.duration(row.firstMs) : "–"),
    },
    {
      id: "total",
      label: t("requests.total"),
      width: 110,
      leaves: 6,
      isNumber: true,
      cell: (row) => format.duration(row.totalMs),
    },
  ];
  return columns.filter(({ id }) => id !== without);
}

function When({ row }: { readonly row: RequestRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <button type="button" className={classes.open} title={t("requests.explain", { at: format.time(row.at) })}>
      {format.relative(row.at, Math.max(now, row.at))}
    </button>
  );
}

/** What has no room for a column of its own stands under the model. */
function Model({ of, missing }: { readonly of: RequestRow; readonly missing: readonly string[] }) {
  const beneath = missing.filter((text) => text !== "").join(" · ");
  return (
    <>
      <Clip text={of.model ?? "–"} />
      {beneath && <Clip text={beneath} className={classes.beneath} />}
    </>
  );
}
