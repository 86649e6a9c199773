import { Button, Select } from "@mantine/core";
import { ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAudit, type AuditRow } from "../../api/watch.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
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
        {rows.length > 0 && <Table rows={rows} open={(row) => set({ entry: String(row.number) })} />}
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

function Table({ rows, open }: { readonly rows: readonly AuditRow[]; readonly open: (row: AuditRow) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const deeds = useDeeds();
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("audit.what")}</th>
            <th scope="col">{t("audit.on")}</th>
            <th scope="col" className={classes.second}>
              {t("audit.who")}
            </th>
            <th scope="col" className={classes.optional}>
              {t("audit.ip")}
            </th>
            <th scope="col" className={classes.second}>
              {t("audit.status")}
            </th>
            <th scope="col" className={classes.number}>
              {t("audit.when")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} onClick={() => open(row)}>
              <td>
                <button type="button" className={classes.open} title={t("audit.explain", { at: format.time(row.at) })}>
                  <State tone={row.status < 400 ? "good" : "bad"}>{deeds.of(row.operation)}</State>
                </button>
              </td>
              <td>
                <Target row={row} />
              </td>
              <td className={classes.second}>{row.who}</td>
              <td className={classes.optional}>{row.ip}</td>
              <td className={classes.second}>{row.failure ?? row.status}</td>
              <td className={classes.number}>
                <When at={row.at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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
