import { Badge, Checkbox, Skeleton } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Key, KeyQuery } from "../../api/keys.ts";
import { useKeyRows } from "../../api/keys.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFormat } from "../../parts/format.ts";
import type { Tone } from "../../parts/state.tsx";
import { State } from "../../parts/state.tsx";
import { describeKey } from "./describe.ts";
import { KeyMenu } from "./key-menu.tsx";
import classes from "./keys.module.css";

type Choose = (next: ReadonlySet<string>) => void;

interface Props {
  readonly query: KeyQuery;
  readonly sortBy: (sort: string, order: string) => void;
  readonly chosen: ReadonlySet<string>;
  /** Whether something stands above the table for as long as keys are chosen. */
  readonly hasBar: boolean;
  readonly choose: Choose;
  readonly none: ReactNode;
  readonly tellTotal: (total: number) => void;
}

const rowHeight = 57;
export const tones: Record<Key["state"], Tone> = { active: "good", disabled: "off", expired: "warn", deleted: "bad" };

/** The keys that a query matches. Only the rows in view exist, and only their pages are asked for: ten thousand keys scroll like ten. */
export function KeyTable({ query, sortBy, chosen, hasBar, choose, none, tellTotal }: Props) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [count, setCount] = useState(0);
  const virtual = useWindowVirtualizer({ count, estimateSize: () => rowHeight, overscan: 8, scrollMargin: top });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = (items.at(-1)?.index ?? 0) + 1;
  const { head, total, rowAt, isStale } = useKeyRows(query, from, to);
  useEffect(() => {
    setCount(total);
    tellTotal(total);
  }, [total, tellTotal]);
  useLayoutEffect(() => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [count, hasBar]);
  const held = useRef(chosen);
  held.current = chosen;
  const toggle = useCallback(
    (id: string) => {
      const next = new Set(held.current);
      if (!next.delete(id)) next.add(id);
      choose(next);
    },
    [choose],
  );
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
  const before = (items[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);
  return (
    <div className={isStale ? `card ${classes.stale}` : "card"}>
      <table className={classes.table} aria-rowcount={total + 1}>
        <Columns />
        <Head
          query={query}
          sortBy={sortBy}
          pageIds={items.flatMap(({ index }) => rowAt(index)?.id ?? [])}
          chosen={chosen}
          choose={choose}
          label={t("keys.chooseShown")}
        />
        <tbody ref={body}>
          <tr className={classes.spacer} aria-hidden style={{ height: before }} />
          {items.map(({ index }) => {
            const key = rowAt(index);
            return key ? (
              <Row key={key.id} apiKey={key} index={index} isChosen={chosen.has(key.id)} toggle={toggle} />
            ) : (
              <Blank key={index} />
            );
          })}
          <tr className={classes.spacer} aria-hidden style={{ height: Math.max(0, after) }} />
        </tbody>
      </table>
    </div>
  );
}

const newestFirst = new Set(["createdAt", "lastUsedAt", "allCostUsd"]);

function Columns() {
  return (
    <colgroup>
      <col style={{ width: 44 }} />
      <col />
      <col style={{ width: 106 }} className={classes.columns} />
      <col style={{ width: "10%" }} className={classes.optional} />
      <col style={{ width: "21%" }} className={classes.optional} />
      <col style={{ width: 112 }} className={classes.optional} />
      <col style={{ width: 148 }} className={classes.optional} />
      <col style={{ width: 136 }} className={classes.optional} />
      <col style={{ width: 52 }} />
    </colgroup>
  );
}

interface HeadProps extends Pick<Props, "query" | "sortBy" | "chosen" | "choose"> {
  readonly pageIds: readonly string[];
  readonly label: string;
}

function Head({ query, sortBy, pageIds, chosen, choose, label }: HeadProps) {
  const { t } = useTranslation();
  const all = pageIds.length > 0 && pageIds.every((id) => chosen.has(id));
  const column = (name: string, words: string, className?: string) => {
    const isSorted = (query.sort ?? "createdAt") === name;
    const isDown = (query.order ?? "desc") === "desc";
    return (
      <th scope="col" className={className} aria-sort={isSorted ? (isDown ? "descending" : "ascending") : "none"}>
        <button
          type="button"
          className={classes.sort}
          onClick={() => sortBy(name, isSorted ? (isDown ? "asc" : "desc") : newestFirst.has(name) ? "desc" : "asc")}
        >
          {words}
          {isSorted && (isDown ? <ArrowDown size={13} aria-hidden /> : <ArrowUp size={13} aria-hidden />)}
        </button>
      </th>
    );
  };
  return (
    <thead>
      <tr>
        <th scope="col">
          <Checkbox
            size="xs"
            aria-label={label}
            checked={all}
            indeterminate={!all && chosen.size > 0}
            onChange={() => choose(all ? new Set() : new Set([...chosen, ...pageIds]))}
          />
        </th>
        {column("name", t("keys.key"))}
        {column("state", t("common.state"))}
        {column("owner", t("keys.owner"), classes.optional)}
        <th scope="col" className={classes.optional}>
          {t("keys.limits")}
        </th>
        {column("lastUsedAt", t("review.lastUsedAt"), classes.optional)}
        {column("allCostUsd", t("review.cost"), classes.optional)}
        {column("createdAt", t("keys.createdAt"), classes.optional)}
        <th scope="col" aria-label={t("common.actions")} />
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly apiKey: Key;
  readonly index: number;
  readonly isChosen: boolean;
  readonly toggle: (id: string) => void;
}

const Row = memo(function Row({ apiKey: key, index, isChosen, toggle }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const limits = describeKey(key, { t, format }).join(" · ");
  return (
    <tr aria-rowindex={index + 2} aria-selected={isChosen}>
      <td>
        <Checkbox
          size="xs"
          aria-label={t("keys.choose", { name: key.name })}
          checked={isChosen}
          onChange={() => toggle(key.id)}
        />
      </td>
      <td>
        <Link href={`/keys/${key.id}`} className={`${classes.clip} ${classes.name}`}>
          {key.name}
        </Link>
        <span className={`${classes.clip} ${classes.sub}`}>
          <span className="mono">{key.prefix}…</span>{" "}
          {key.tags.slice(0, 3).map((tag) => (
            <Badge key={tag} size="xs" variant="default" radius="sm" tt="none" fw={500} ml={4}>
              {tag}
            </Badge>
          ))}
        </span>
      </td>
      <td>
        <State tone={tones[key.state]}>{t(`keys.states.${key.state}`)}</State>
      </td>
      <td className={classes.optional}>
        <span className={classes.clip}>{key.owner || "–"}</span>
      </td>
      <td className={classes.optional}>
        <span className={`${classes.clip} ${limits ? "" : classes.sub}`} title={limits}>
          {limits || t("keys.noLimits")}
        </span>
      </td>
      <td className={classes.optional}>
        <LastUsed usage={key.usage} />
      </td>
      <td className={`${classes.optional} tabular`}>
        {key.usage && `${format.usd(key.usage.todayCostUsd)} / ${format.usd(key.usage.allCostUsd)}`}
      </td>
      <td className={`${classes.optional} tabular`}>{format.date(key.createdAt)}</td>
      <td>
        <KeyMenu apiKey={key} />
      </td>
    </tr>
  );
});

function LastUsed({ usage }: { readonly usage: Key["usage"] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!usage) return null;
  const { lastUsedAt: at } = usage;
  if (at === null) return <span className={classes.sub}>{t("review.never")}</span>;
  return <span title={format.time(at)}>{format.relative(at, Math.max(at, Date.now()))}</span>;
}

function Blank() {
  return (
    <tr aria-hidden>
      <td colSpan={9}>
        <Skeleton height={14} width="60%" />
      </td>
    </tr>
  );
}
