import { Badge, Checkbox } from "@mantine/core";
import type { ReactNode } from "react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Key, KeyQuery } from "../../api/keys.ts";
import { useKeyRows } from "../../api/keys.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import type { Tone } from "../../parts/state.tsx";
import { State } from "../../parts/state.tsx";
import { ActionsHead, Clip, type Column, Table } from "../../parts/table.tsx";
import { describeKey } from "./describe.ts";
import { KeyMenu } from "./key-menu.tsx";
import classes from "./keys.module.css";

type Choose = (next: ReadonlySet<string>) => void;

interface Props {
  readonly query: KeyQuery;
  readonly sortBy: (sort: string, order: string) => void;
  readonly chosen: ReadonlySet<string>;
  readonly choose: Choose;
  readonly none: ReactNode;
  readonly tellTotal: (total: number) => void;
}

export const tones: Record<Key["state"], Tone> = { active: "good", disabled: "off", expired: "warn", deleted: "bad" };

/** The keys that a query matches. Only the pages of the rows in view are asked for: ten thousand keys scroll like ten. */
export function KeyTable({ query, sortBy, chosen, choose, none, tellTotal }: Props) {
  const { t } = useTranslation();
  const [range, setRange] = useState<readonly [number, number]>([0, 1]);
  const { head, total, rowAt, isStale } = useKeyRows(query, ...range);
  const tellRange = useCallback((from: number, to: number) => setRange([from, Math.max(from + 1, to)]), []);
  useEffect(() => tellTotal(total), [total, tellTotal]);
  const columns = useColumns({ query, sortBy, chosen, choose, loaded: range, rowAt });
  if (head.isPending)
    return (
      <div className="card">
        <Loading />
      </div>
    );
  if (head.isError && !head.data)
    return (
      <div className="card">
        <Failing error={head.error} retry={() => void head.refetch()} />
      </div>
    );
  if (total === 0) return <div className="card">{none}</div>;
  return (
    <div className={isStale ? `card ${classes.stale}` : "card"}>
      <Table
        id="keys"
        label={t("places.keys")}
        columns={columns}
        count={total}
        rowAt={rowAt}
        keyOf={({ id }) => id}
        rowHeight={57}
        isSelected={({ id }) => chosen.has(id)}
        tellRange={tellRange}
      />
    </div>
  );
}

const newestFirst = new Set(["createdAt", "lastUsedAt", "allCostUsd"]);

interface ColumnsOf extends Pick<Props, "query" | "sortBy" | "chosen" | "choose"> {
  readonly loaded: readonly [number, number];
  readonly rowAt: (index: number) => Key | undefined;
}

function useColumns({ query, sortBy, chosen, choose, loaded, rowAt }: ColumnsOf): readonly Column<Key>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const sort = (name: string): NonNullable<Column<Key>["sort"]> => {
    const isSorted = (query.sort ?? "createdAt") === name;
    const isDown = (query.order ?? "desc") === "desc";
    return {
      direction: isSorted ? (isDown ? "descending" : "ascending") : undefined,
      toggle: () => sortBy(name, isSorted ? (isDown ? "asc" : "desc") : newestFirst.has(name) ? "desc" : "asc"),
    };
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    choose(next);
  };
  return [
    {
      id: "select",
      label: "",
      head: <ChooseShown loaded={loaded} rowAt={rowAt} chosen={chosen} choose={choose} />,
      width: 44,
      cell: ({ id, name }) => (
        <Checkbox
          size="xs"
          aria-label={t("keys.choose", { name })}
          checked={chosen.has(id)}
          onChange={() => toggle(id)}
        />
      ),
    },
    {
      id: "name",
      label: t("keys.key"),
      width: 200,
      isName: true,
      sort: sort("name"),
      cell: (key) => <Name of={key} />,
    },
    {
      id: "state",
      label: t("common.state"),
      width: 106,
      sort: sort("state"),
      cell: ({ state }) => <State tone={tones[state]}>{t(`keys.states.${state}`)}</State>,
    },
    {
      id: "owner",
      label: t("keys.owner"),
      width: 130,
      leaves: 3,
      sort: sort("owner"),
      cell: ({ owner }) => <Clip text={owner || "–"} />,
    },
    {
      id: "limits",
      label: t("keys.limits"),
      width: 220,
      leaves: 2,
      cell: (key) => {
        const limits = describeKey(key, { t, format }).join(" · ");
        return <Clip text={limits || t("keys.noLimits")} className={limits ? undefined : classes.sub} />;
      },
    },
    {
      id: "lastUsed",
      label: t("review.lastUsedAt"),
      width: 124,
      leaves: 4,
      sort: sort("lastUsedAt"),
      cell: ({ usage }) => <LastUsed usage={usage} />,
    },
    {
      id: "cost",
      label: t("review.cost"),
      width: 160,
      leaves: 5,
      sort: sort("allCostUsd"),
      cell: ({ usage }) =>
        usage && (
          <span className={`${classes.line} tabular`}>
            {`${format.usd(usage.todayCostUsd)} / ${format.usd(usage.allCostUsd)}`}
          </span>
        ),
    },
    {
      id: "created",
      label: t("keys.createdAt"),
      width: 132,
      leaves: 1,
      sort: sort("createdAt"),
      cell: ({ createdAt }) => <span className={`${classes.line} tabular`}>{format.date(createdAt)}</span>,
    },
    { id: "actions", label: "", head: <ActionsHead />, width: 52, cell: (key) => <KeyMenu apiKey={key} /> },
  ];
}

/** Selects the rows that are loaded; what the filter matches besides is selected from the bar above the table. */
function ChooseShown({ loaded: [from, to], rowAt, chosen, choose }: Omit<ColumnsOf, "query" | "sortBy">) {
  const { t } = useTranslation();
  const ids = Array.from({ length: to - from }, (_, offset) => rowAt(from + offset)?.id ?? "").filter(Boolean);
  const all = ids.length > 0 && ids.every((id) => chosen.has(id));
  return (
    <Checkbox
      size="xs"
      aria-label={t("keys.chooseShown")}
      checked={all}
      indeterminate={!all && chosen.size > 0}
      onChange={() => choose(all ? new Set() : new Set([...chosen, ...ids]))}
    />
  );
}

const mostTags = 3;

function Name({ of: { id, name, prefix, tags } }: { readonly of: Key }) {
  return (
    <>
      <Link href={`/keys/${id}`} className={`${classes.clip} ${classes.name}`} title={name}>
        {name}
      </Link>
      <span className={`${classes.sub} ${classes.tagLine}`} title={tags.join(", ") || undefined}>
        <span className="mono">{prefix}…</span>
        {tags.slice(0, mostTags).map((tag) => (
          <Badge key={tag} size="xs" variant="default" radius="sm" tt="none" fw={500} className={classes.tag}>
            {tag}
          </Badge>
        ))}
        {tags.length > mostTags && <span>+{tags.length - mostTags}</span>}
      </span>
    </>
  );
}

function LastUsed({ usage }: { readonly usage: Key["usage"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!usage) return null;
  const { lastUsedAt: at } = usage;
  if (at === null) return <span className={classes.sub}>{t("review.never")}</span>;
  return (
    <span className={classes.line} title={format.time(at)}>
      {format.relative(at, Math.max(at, Date.now()))}
    </span>
  );
}
