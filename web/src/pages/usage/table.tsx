import { Anchor } from "@mantine/core";
import { ArrowDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { RankedBy, RankedSort } from "../../api/ranking.ts";
import type { Ranked } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import rows from "../../parts/rows.module.css";
import classes from "./usage.module.css";

interface Props {
  readonly by: RankedBy;
  readonly items: readonly Ranked[];
  readonly sort: RankedSort;
  readonly setSort: (sort: RankedSort) => void;
}

const optional = `${rows.number ?? ""} ${rows.optional ?? ""}`;
const columns: readonly { readonly name: RankedSort; readonly className: string }[] = [
  { name: "requests", className: rows.number ?? "" },
  { name: "errors", className: optional },
  { name: "tokens", className: optional },
  { name: "costUsd", className: rows.number ?? "" },
];

const placeOf: Partial<Record<RankedBy, (row: Ranked) => string>> = {
  key: ({ id }) => `/keys/${id}`,
  account: ({ id }) => `/accounts/${id}`,
  model: ({ id }) => `/requests?model=${encodeURIComponent(id)}`,
  tag: ({ id }) => `/keys?tag=${encodeURIComponent(id)}`,
};

/** Sorted by the server; a bar shows each row's share of the largest. */
export function Table({ by, items, sort, setSort }: Props) {
  const { t } = useTranslation();
  const barOf = sort === "name" ? "costUsd" : sort;
  const most = Math.max(...items.map(({ figures }) => figures[barOf]), Number.MIN_VALUE);
  return (
    <table className={rows.table}>
      <thead>
        <tr>
          <Head name="name" label={t("ranking.name")} sort={sort} setSort={setSort} />
          {columns.map(({ name, className }) => (
            <Head
              key={name}
              name={name}
              label={t(`measures.${name as "requests"}`)}
              className={className}
              sort={sort}
              setSort={setSort}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((row) => (
          <Row key={row.id} row={row} to={placeOf[by]?.(row)} share={row.figures[barOf] / most} />
        ))}
      </tbody>
    </table>
  );
}

interface HeadProps {
  readonly name: RankedSort;
  readonly label: string;
  readonly className?: string;
  readonly sort: RankedSort;
  readonly setSort: (sort: RankedSort) => void;
}

function Head({ name, label, className, sort, setSort }: HeadProps) {
  const { t } = useTranslation();
  const isSorted = sort === name;
  const order = name === "name" ? "ascending" : "descending";
  return (
    <th scope="col" className={className} aria-sort={isSorted ? order : undefined}>
      <button
        type="button"
        className={classes.sort}
        aria-label={t("ranking.sort", { column: label })}
        onClick={() => setSort(name)}
      >
        {label}
        {isSorted && <ArrowDown size={13} aria-hidden style={name === "name" ? { rotate: "180deg" } : undefined} />}
      </button>
    </th>
  );
}

interface RowProps {
  readonly row: Ranked;
  readonly to: string | undefined;
  readonly share: number;
}

function Row({ row: { id, name, figures }, to, share }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = name || t("usage.unnamed");
  return (
    <tr>
      <td>
        {to && id !== "" ? (
          <Anchor component={Link} href={to} c="inherit" underline="hover" fw={550} inherit>
            {words}
          </Anchor>
        ) : (
          words
        )}
        <div className={classes.bar} aria-hidden>
          <span style={{ width: `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%` }} />
        </div>
      </td>
      <td className={rows.number}>{format.number(figures.requests)}</td>
      <td className={optional}>
        {figures.errors === 0 ? "0" : `${format.number(figures.errors)} · ${format.percent(figures.errorRate)}`}
      </td>
      <td className={optional}>{format.compact(figures.tokens)}</td>
      <td className={rows.number}>{format.usd(figures.costUsd)}</td>
    </tr>
  );
}
