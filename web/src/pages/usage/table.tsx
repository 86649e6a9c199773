import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import type { RankedSort } from "../../api/ranking.ts";
import { type Format, useFormat } from "../../parts/format.ts";
import type { Span } from "../../parts/span.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { hitRate, requestsBehind, type Dimension, type Row } from "./rows.ts";
import type { Sum } from "./use-explorer.ts";
import classes from "./usage.module.css";

interface Props {
  readonly by: Dimension;
  readonly split: Dimension | undefined;
  readonly items: readonly Row[];
  readonly sum: Sum | undefined;
  readonly span: Span;
  readonly sort: RankedSort;
  readonly setSort: (sort: RankedSort) => void;
}

/** Sorted, with a bar of each row's share of the largest and the totals at the end; a row opens the requests behind it. */
export function ExplorerTable(props: Props) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { items, sum } = props;
  return (
    <Table
      id="usage"
      label={t("places.usage")}
      columns={useColumns(props)}
      count={items.length}
      rowAt={(index) => items[index]}
      keyOf={({ id, split }) => `${id} ${split?.id ?? ""}`}
      rowHeight={50}
      open={(row) => {
        const to = requestsBehind(row, props);
        if (to !== undefined) go(to);
      }}
      {...(sum && { foot: { id: "", name: t("ranking.total"), split: null, isSum: true, ...sum } })}
    />
  );
}

type Shown = Row & { readonly isSum?: boolean };

function useColumns(props: Props): readonly Column<Shown>[] {
  const { by, split, items, sort, setSort, span } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const barOf = sort === "name" ? "costUsd" : sort;
  const most = Math.max(...items.map(({ figures }) => figures[barOf]), Number.MIN_VALUE);
  const sortBy = (name: RankedSort): NonNullable<Column<Row>["sort"]> => ({
    direction: sort !== name ? undefined : name === "name" ? "ascending" : "descending",
    toggle: () => setSort(name),
  });
  const number = (id: string, label: string, width: number, leaves: number) => ({
    ...{ id, label, width, leaves, isNumber: true },
  });
  const figure = (name: "requests" | "errors" | "tokens" | "costUsd", width: number, leaves?: number) => ({
    ...{ id: name, label: t(`measures.${name}`), width, isNumber: true, sort: sortBy(name) },
    ...(leaves === undefined ? {} : { leaves }),
  });
  const percent = (value: number | undefined) => (value === undefined ? "–" : format.percent(value));
  return [
    {
      id: "name",
      label: t(`ranking.of.${by}`),
      width: 180,
      isName: true,
      sort: sortBy("name"),
      cell: (row) =>
        row.isSum ? (
          <b>{row.name}</b>
        ) : (
          <Name row={row} to={requestsBehind(row, props)} share={row.figures[barOf] / most} />
        ),
    },
    ...(split
      ? [
          {
            id: "split",
            label: t(`ranking.of.${split}`),
            width: 170,
            cell: (row: Shown) => (row.isSum ? "" : row.split?.name || t("usage.unnamed")),
          },
        ]
      : []),
    { ...figure("requests", 100), cell: ({ figures }) => format.number(figures.requests) },
    {
      ...figure("errors", 110, 3),
      cell: ({ figures }) =>
        figures.errors === 0 ? "0" : `${format.number(figures.errors)} · ${format.percent(figures.errorRate)}`,
    },
    { ...figure("tokens", 90, 4), cell: ({ figures }) => format.compact(figures.tokens) },
    { ...number("hits", t("ranking.hitRate"), 110, 5), cell: ({ figures }) => percent(hitRate(figures)) },
    { ...figure("costUsd", 100), cell: ({ figures }) => format.usd(figures.costUsd) },
    {
      ...number("each", t("ranking.perRequest"), 120, 2),
      cell: ({ figures: { costUsd, requests } }) => (requests === 0 ? "–" : format.usd(costUsd / requests)),
    },
    ...(span.isCompared && items.some(({ before }) => before !== null)
      ? [
          {
            ...number("change", t("ranking.change"), 110, 6),
            cell: ({ figures, before }: Shown) => changeWords(figures.costUsd, before?.costUsd ?? 0, format),
          },
        ]
      : []),
  ];
}

/** Tenfold and more says nothing that a percentage could add to. */
function changeWords(now: number, before: number, format: Format): string {
  if (before === 0) return "–";
  const change = now / before - 1;
  if (change >= 9.995) return `> +${format.percent(10)}`;
  return `${change >= 0 ? "+" : "−"}${format.percent(Math.abs(change))}`;
}

interface NameProps {
  readonly row: Row;
  readonly to: string | undefined;
  readonly share: number;
}

function Name({ row: { name }, to, share }: NameProps) {
  const { t } = useTranslation();
  const words = name || t("usage.unnamed");
  return (
    <>
      {to === undefined ? (
        words
      ) : (
        <Anchor component={Link} href={to} c="inherit" underline="hover" fw={550} inherit title={words}>
          {words}
        </Anchor>
      )}
      <div className={classes.bar} aria-hidden>
        <span style={{ width: `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%` }} />
      </div>
    </>
  );
}
