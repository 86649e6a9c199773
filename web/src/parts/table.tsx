import { ActionIcon, Menu, Skeleton, VisuallyHidden } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { chooseColumns } from "./columns.ts";
import classes from "./table.module.css";

export interface Column<Row> {
  readonly id: string;
  /** The heading, and the name in the column chooser. */
  readonly label: string;
  /** What stands in the head in place of the label: a checkbox, a label with a tooltip. */
  readonly head?: ReactNode;
  /** The least width in pixels. The name column takes what the others leave. */
  readonly width: number;
  /** The column that says which row this is: it never leaves and stays in view when the table scrolls. */
  readonly isName?: boolean;
  /** Where there is no room, columns leave in this order, the lowest first. A column without it stays. */
  readonly leaves?: number;
  readonly isNumber?: boolean;
  /** Takes the whole line where rows are cards. */
  readonly isWide?: boolean;
  readonly sort?: { readonly direction: "ascending" | "descending" | undefined; readonly toggle: () => void };
  /** `shown` has the ids of the columns that are there, so that a cell can say what a missing one would. */
  readonly cell: (row: Row, shown: ReadonlySet<string>) => ReactNode;
}

interface Props<Row> {
  /** Names the table: the chosen columns are remembered under it. */
  readonly id: string;
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly count: number;
  /** Undefined while the row is on its way. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly keyOf: (row: Row, index: number) => string;
  readonly rowHeight: number;
  readonly open?: (row: Row) => void;
  /** What stands under the rows: their sum. */
  readonly foot?: Row;
  readonly isSelected?: (row: Row) => boolean;
  /** Which rows are in view: from (inclusive), to (exclusive). */
  readonly tellRange?: (from: number, to: number) => void;
  /** Below this width in pixels each row is a card that shows every column. */
  readonly cardsBelow?: number;
}

/** Shorter tables are rendered whole: the browser's own search finds every row. */
const virtualFrom = 80;
const noneHidden: readonly string[] = [];

/**
 * Every table of the console. Columns leave by the width of the table, not of the window; the name column keeps its
 * least width; what does not fit scrolls under it, with a shadow at the edge. Rows out of view are not rendered.
 */
export function Table<Row>(props: Props<Row>) {
  const { id, label, columns, count, rowAt, keyOf, rowHeight, tellRange } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  // A default value would be stored before anybody has chosen columns.
  const [hidden = noneHidden, setHidden] = useLocalStorage<readonly string[]>({ key: `relay.columns.${id}` });
  const isCards = width > 0 && width < (props.cardsBelow ?? 0);
  const { shown, least } = isCards
    ? { shown: columns, least: 0 }
    : chooseColumns(columns, new Set(hidden), width === 0 ? Infinity : width);
  const ids = new Set(shown.map((column) => column.id));
  const { body, items, before, after } = useRows(count, rowHeight);
  const from = items[0] ?? 0;
  const to = (items.at(-1) ?? -1) + 1;
  useEffect(() => tellRange?.(from, to), [tellRange, from, to]);
  const edge = useEdge(width, least);
  return (
    <div className={classes.frame} data-more={edge.hasMore || undefined}>
      <div ref={frame} className={classes.scroll} onScroll={edge.look}>
        <table
          className={classes.table}
          aria-label={label}
          aria-rowcount={count + 1}
          data-cards={isCards || undefined}
          style={{ minWidth: least }}
        >
          <colgroup>
            {shown.map((column) => (
              <col key={column.id} style={column.isName ? undefined : { width: column.width }} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {shown.map((column) => (
                <Head key={column.id} column={column} />
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={moveFocus}>
            {before > 0 && <tr className={classes.spacer} aria-hidden style={{ height: before }} />}
            {items.map((index) => {
              const row = rowAt(index);
              if (row === undefined) return <Blank key={index} span={shown.length} height={rowHeight} />;
              return <Line key={keyOf(row, index)} {...props} row={row} index={index} shown={shown} ids={ids} />;
            })}
            {after > 0 && <tr className={classes.spacer} aria-hidden style={{ height: after }} />}
          </tbody>
          {props.foot !== undefined && (
            <tfoot>
              <tr>
                {shown.map((column) => (
                  <td key={column.id} className={classOf(column)} data-label={column.isName ? undefined : column.label}>
                    {column.cell(props.foot as Row, ids)}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {!isCards && <Chooser columns={columns} hidden={hidden} setHidden={setHidden} />}
    </div>
  );
}

/** The width that an element has, in pixels; 0 before it is laid out. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** The rows in view, and the heights of what lies above and below them. */
function useRows(count: number, rowHeight: number) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const isVirtual = count >= virtualFrom;
  const virtual = useWindowVirtualizer({
    count: isVirtual ? count : 0,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
  });
  // What stands above the table may grow or go at any time.
  useLayoutEffect(() => {
    const now = Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    if (now !== top) setTop(now);
  });
  if (!isVirtual) return { body, items: Array.from({ length: count }, (_, index) => index), before: 0, after: 0 };
  const items = virtual.getVirtualItems();
  return {
    body,
    items: items.map(({ index }) => index),
    before: (items[0]?.start ?? top) - top,
    after: Math.max(0, virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top)),
  };
}

/** Whether more of the table lies behind its right edge. */
function useEdge(width: number, least: number) {
  const [isAtEnd, setIsAtEnd] = useState(false);
  return {
    hasMore: width > 0 && least > width && !isAtEnd,
    look: (event: { readonly currentTarget: HTMLElement }) => {
      const { scrollLeft, clientWidth, scrollWidth } = event.currentTarget;
      setIsAtEnd(scrollLeft + clientWidth >= scrollWidth - 1);
    },
  };
}

function Head<Row>({ column }: { readonly column: Column<Row> }) {
  const { label, head, sort } = column;
  const Arrow = sort?.direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <th scope="col" className={classOf(column)} aria-sort={sort && (sort.direction ?? "none")} title={label}>
      {sort ? (
        <button type="button" className={classes.sort} onClick={sort.toggle}>
          <span className={classes.clip}>{head ?? label}</span>
          {sort.direction && <Arrow size={13} aria-hidden style={{ flex: "none" }} />}
        </button>
      ) : (
        (head ?? label)
      )}
    </th>
  );
}

interface LineProps<Row> extends Props<Row> {
  readonly row: Row;
  readonly index: number;
  readonly shown: readonly Column<Row>[];
  readonly ids: ReadonlySet<string>;
}

function Line<Row>({ row, index, shown, ids, open, isSelected }: LineProps<Row>) {
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isSelected?.(row)}
      className={open && classes.opens}
      onClick={open && (() => open(row))}
    >
      {shown.map((column) => (
        <td
          key={column.id}
          className={classOf(column)}
          data-label={column.isName ? undefined : column.label || undefined}
        >
          {column.cell(row, ids)}
        </td>
      ))}
    </tr>
  );
}

function Blank({ span, height }: { readonly span: number; readonly height: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height }}>
        <Skeleton height={14} width="60%" />
      </td>
    </tr>
  );
}

interface ChooserProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly hidden: readonly string[];
  readonly setHidden: (hidden: readonly string[]) => void;
}

/** Which columns are shown, where there is room for them. */
function Chooser<Row>({ columns, hidden, setHidden }: ChooserProps<Row>) {
  const { t } = useTranslation();
  const optional = columns.filter(({ leaves }) => leaves !== undefined);
  if (optional.length === 0) return null;
  const toggle = (id: string) => setHidden(hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id]);
  return (
    <div className={classes.chooser}>
      <Menu position="bottom-end" closeOnItemClick={false} keepMounted={false}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t("common.columns")}
            title={t("common.columns")}
          >
            <Columns3 size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {optional.map(({ id, label }) => (
            <Menu.CheckboxItem key={id} checked={!hidden.includes(id)} onChange={() => toggle(id)}>
              {label}
            </Menu.CheckboxItem>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

/** The heading of the column of buttons, which only a screen reader says. */
export const ActionsHead = () => {
  const { t } = useTranslation();
  return (
    <span className={classes.actions}>
      <VisuallyHidden>{t("common.actions")}</VisuallyHidden>
    </span>
  );
};

/** One line, cut where it ends, with the whole text on hover. */
export function Clip({ text, className }: { readonly text: string; readonly className?: string | undefined }) {
  return (
    <span className={className ? `${classes.clip} ${className}` : classes.clip} title={text}>
      {text}
    </span>
  );
}

const classOf = ({ id, isName, isNumber, isWide }: Pick<Column<never>, "id" | "isName" | "isNumber" | "isWide">) =>
  [isName && classes.name, isNumber && classes.number, isWide && classes.wide, id === "actions" && classes.tools]
    .filter(Boolean)
    .join(" ") || undefined;

/** Arrow keys go from row to row, to the same control of each. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const target = event.target as HTMLElement;
  const row = target.closest("tr");
  const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
  const controls = "a[href], button:not([disabled]), input[type=checkbox]";
  if (!row || !next || !target.matches("a, button, input[type=checkbox]")) return;
  const place = [...row.querySelectorAll(controls)].indexOf(target);
  const candidates = [...next.querySelectorAll<HTMLElement>(controls)];
  const found = candidates[Math.min(place, candidates.length - 1)];
  if (!found) return;
  event.preventDefault();
  found.focus();
}
