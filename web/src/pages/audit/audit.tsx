import { Button, Select } from "@mantine/core";
import { ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAudit, type AuditRow } from "../../api/watch.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { Clip, type Column, Table } from "../../parts/table.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { State } from "../../parts/state.tsx";
import classes from "../requests/requests.module.css";
import { useAuditCheck } from "./check.tsx";
import { useDeeds } from "./deeds.ts";
import { AuditDrawer } from "./drawer.tsx";
import { Target } from "./target.tsx";

const names = ["operation", "target", "entry"] as const;

/** What was changed, by whom and from where. */
export default function Audit() {
  const { t } = useTranslation();
  const [{ operation, target, entry }, set] = useFilters(names);
  const audit = useAudit({ ...(operation ? { operation } : {}), ...(target ? { target } : {}) });
  const rows = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  const check = useAuditCheck();
  const isFiltered = operation !== "" || target !== "";
  return (
    <Page title={t("places.audit")} note={t("audit.note")} actions={check.button}>
      {check.outcome}
      <Tools operation={operation} target={target} set={set} />
      <div className="card">
        {audit.isPending && <Loading />}
        {audit.isError && !audit.data && <Failing error={audit.error} retry={() => void audit.refetch()} />}
        {audit.data && rows.length === 0 && (
          <Empty
            icon={<ScrollText size={20} />}
            title={t(isFiltered ? "common.noMatch" : "audit.none")}
            action={
              isFiltered && (
                <Button variant="default" onClick={() => set({ operation: "", target: "" })}>
                  {t("common.clearFilters")}
                </Button>
              )
            }
          >
            {isFiltered ? undefined : t("audit.noneNote")}
          </Empty>
        )}
        {rows.length > 0 && <AuditTable rows={rows} open={(row) => set({ entry: String(row.number) })} />}
        {rows.length > 0 && (
          <div className={classes.foot} role="status">
            {t("audit.shown", { count: rows.length })}
            {audit.hasNextPage && (
              <Button
                size="compact-sm"
                variant="default"
                loading={audit.isFetchingNextPage}
                onClick={() => void audit.fetchNextPage()}
              >
                {t("audit.older")}
              </Button>
            )}
          </div>
        )}
      </div>
      <AuditDrawer row={rows.find(({ number }) => String(number) === entry)} close={() => set({ entry: "" })} />
    </Page>
  );
}

interface ToolsProps {
  readonly operation: string;
  readonly target: string;
  readonly set: (next: { operation?: string; target?: string }) => void;
}

function Tools({ operation, target, set }: ToolsProps) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  return (
    <div className={classes.tools}>
      <Select
        aria-label={t("audit.operation")}
        placeholder={t("audit.operation")}
        clearable
        searchable
        w={240}
        value={operation || null}
        data={deeds.all}
        nothingFoundMessage={t("finder.nothing")}
        onChange={(value) => set({ operation: value ?? "" })}
      />
      <SearchField label={t("audit.target")} value={target} tell={(value) => set({ target: value })} />
    </div>
  );
}

function AuditTable({ rows, open }: { readonly rows: readonly AuditRow[]; readonly open: (row: AuditRow) => void }) {
  const { t } = useTranslation();
  return (
    <Table
      id="audit"
      label={t("places.audit")}
      columns={useColumns()}
      count={rows.length}
      rowAt={(index) => rows[index]}
      keyOf={({ id }) => id}
      rowHeight={40}
      open={open}
    />
  );
}

function useColumns(): readonly Column<AuditRow>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const deeds = useDeeds();
  return [
    {
      id: "what",
      label: t("audit.what"),
      width: 170,
      isName: true,
      cell: (row) => (
        <button type="button" className={classes.open} title={t("audit.explain", { at: format.time(row.at) })}>
          <State tone={row.status < 400 ? "good" : "bad"}>{deeds.of(row.operation)}</State>
        </button>
      ),
    },
    { id: "on", label: t("audit.on"), width: 180, leaves: 4, cell: (row) => <Target row={row} /> },
    { id: "who", label: t("audit.who"), width: 120, leaves: 3, cell: (row) => <Clip text={row.who} /> },
    { id: "ip", label: t("audit.ip"), width: 130, leaves: 1, cell: (row) => <Clip text={row.ip} /> },
    {
      id: "status",
      label: t("audit.status"),
      width: 130,
      leaves: 2,
      cell: (row) => <Clip text={String(row.failure ?? row.status)} />,
    },
    { id: "when", label: t("audit.when"), width: 150, isNumber: true, cell: (row) => <When at={row.at} /> },
  ];
}

/** Today's by the time alone: the day would be a column of the same words. */
function When({ at }: { readonly at: number }) {
  const format = useFormat();
  return (
    <time dateTime={new Date(at).toISOString()} title={format.time(at)}>
      {format.moment(at, Date.now())}
    </time>
  );
}
