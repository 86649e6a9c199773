import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { RankedBy, RankedSort } from "../../api/ranking.ts";
import type { Ranked } from "../../api/usage.ts";
import { useFormat } from "../../parts/format.ts";
import { type Column, Table } from "../../parts/table.tsx";
import classes from "./usage.module.css";

interface Props {
  readonly by: RankedBy;
  readonly items: readonly Ranked[];
  readonly sort: RankedSort;
  readonly setSort: (sort: RankedSort) => void;
}

const placeOf: Partial<Record<RankedBy, (row: Ranked) => string>> = {
  key: ({ id }) => `/keys/${id}`,
  account: ({ id }) => `/accounts/${id}`,
  model: ({ id }) => `/requests?model=${encodeURIComponent(id)}`,
  tag: ({ id }) => `/keys?tag=${encodeURIComponent(id)}`,
};

/** Sorted by the server; a bar shows each row's share of the largest. */
export function RankedTable({ by, items, sort, setSort }: Props) {
  const { t } = useTranslation();
  return (
    <Table
      id="usage"
      label={t("places.usage")}
      columns={useColumns({ by, items, sort, setSort })}
      count={items.length}
      rowAt={(index) => items[index]}
      keyOf={({ id }) => id}
      rowHeight={50}
    />
  );
}

function useColumns({ by, items, sort, setSort }: Props): readonly Column<Ranked>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const barOf = sort === "name" ? "costUsd" : sort;
  const most = Math.max(...items.map(({ figures }) => figures[barOf]), Number.MIN_VALUE);
  const sortBy = (name: RankedSort): NonNullable<Column<Ranked>["sort"]> => ({
    direction: sort !== name ? undefined : name === "name" ? "ascending" : "descending",
    toggle: () => setSort(name),
  });
  const figure = (name: "requests" | "errors" | "tokens" | "costUsd", width: number, leaves?: number) => ({
    id: name,
    label: t(`measures.${name}`),
    width,
    isNumber: true,
    sort: sortBy(name),
    ...(leaves === undefined ? {} : { leaves }),
  });
  return [
    {
      id: "name",
      label: t("ranking.name"),
      width: 180,
      isName: true,
      sort: sortBy("name"),
      cell: (row) => <Name row={row} to={placeOf[by]?.(row)} share={row.figures[barOf] / most} />,
    },
    { ...figure("requests", 110), cell: ({ figures }) => format.number(figures.requests) },
    {
      ...figure("errors", 130, 1),
      cell: ({ figures }) =>
        figures.errors === 0 ? "0" : `${format.number(figures.errors)} · ${format.percent(figures.errorRate)}`,
    },
    { ...figure("tokens", 110, 2), cell: ({ figures }) => format.compact(figures.tokens) },
    { ...figure("costUsd", 120), cell: ({ figures }) => format.usd(figures.costUsd) },
  ];
}

interface NameProps {
  readonly row: Ranked;
  readonly to: string | undefined;
  readonly share: number;
}

function Name({ row: { id, name }, to, share }: NameProps) {
  const { t } = useTranslation();
  const words = name || t("usage.unnamed");
  return (
    <>
      {to && id !== "" ? (
        <Anchor component={Link} href={to} c="inherit" underline="hover" fw={550} inherit title={words}>
          {words}
        </Anchor>
      ) : (
        words
      )}
      <div className={classes.bar} aria-hidden>
        <span style={{ width: `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%` }} />
      </div>
    </>
  );
}
