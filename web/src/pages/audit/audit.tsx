import { Alert, Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { ScrollText, Search, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { operations } from "../../api/offered.ts";
import { checkAudit, useAudit, type AuditRow } from "../../api/watch.ts";
import { useAct } from "../../parts/act.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { State } from "../../parts/state.tsx";
import classes from "../requests/requests.module.css";
import { AuditDrawer } from "./drawer.tsx";

const names = ["operation", "target"] as const;
/** What only looks is not in the log. */
const changing = operations.filter((name) => !/^(get|list|find|rank|check|explain|export)[A-Z]/.test(name));

/** What was changed, by whom and from where. */
export default function Audit() {
  const { t } = useTranslation();
  const [{ operation, target }, set] = useFilters(names);
  const [shown, setShown] = useState<AuditRow>();
  const audit = useAudit({ ...(operation ? { operation } : {}), ...(target ? { target } : {}) });
  const rows = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page title={t("places.audit")} note={t("audit.note")}>
      <Check />
      <div className={classes.tools}>
        <Select
          aria-label={t("audit.operation")}
          placeholder={t("audit.operation")}
          clearable
          searchable
          w={220}
          value={operation || null}
          data={changing}
          onChange={(value) => set({ operation: value ?? "" })}
        />
        <Target value={target} tell={(value) => set({ target: value })} />
      </div>
      <div className="card">
        {audit.isPending && <Loading />}
        {audit.isError && !audit.data && <Failing error={audit.error} retry={() => void audit.refetch()} />}
        {audit.data && rows.length === 0 && (
          <Empty icon={<ScrollText size={20} />} title={t("audit.none")}>
            {t("audit.noneNote")}
          </Empty>
        )}
        {rows.length > 0 && <Table rows={rows} open={setShown} />}
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
      <AuditDrawer row={shown} close={() => setShown(undefined)} />
    </Page>
  );
}

type Checked = Awaited<ReturnType<typeof checkAudit>>;

function Check() {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [found, setFound] = useState<Checked>();
  return (
    <>
      <Button
        mb="md"
        variant="default"
        leftSection={<ShieldCheck size={15} />}
        loading={isBusy}
        onClick={() => void act(async () => setFound(await checkAudit()))}
      >
        {t("audit.check")}
      </Button>
      {found?.isWhole && (
        <Alert mb="md" color="teal" role="status">
          {t("audit.whole", { from: found.from, to: found.to })}
        </Alert>
      )}
      {found && !found.isWhole && (
        <Alert mb="md" color="red" title={t("audit.broken")}>
          {found.problems.map(({ number, problem }) => (
            <div key={`${number} ${problem}`}>
              {t("audit.problem", { number, problem: t(`audit.problems.${problem}`) })}
            </div>
          ))}
        </Alert>
      )}
    </>
  );
}

function Target({ value, tell }: { readonly value: string; readonly tell: (value: string) => void }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(value);
  const late = useDebouncedCallback(tell, 300);
  return (
    <TextInput
      w={260}
      aria-label={t("audit.target")}
      placeholder={t("audit.target")}
      leftSection={<Search size={15} />}
      value={shown}
      onChange={(event) => {
        setShown(event.currentTarget.value);
        late(event.currentTarget.value.trim());
      }}
    />
  );
}

function Table({ rows, open }: { readonly rows: readonly AuditRow[]; readonly open: (row: AuditRow) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t("audit.when")}</th>
            <th>{t("audit.what")}</th>
            <th className={classes.second}>{t("audit.on")}</th>
            <th className={classes.second}>{t("audit.who")}</th>
            <th className={classes.optional}>{t("audit.ip")}</th>
            <th>{t("audit.status")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} onClick={() => open(row)}>
              <td>
                <button type="button" className={classes.open} title={t("audit.explain", { at: format.time(row.at) })}>
                  {format.time(row.at)}
                </button>
              </td>
              <td>{row.operation}</td>
              <td className={classes.second}>
                <span className={`mono ${classes.clip}`}>{row.target || "–"}</span>
              </td>
              <td className={classes.second}>{row.who}</td>
              <td className={classes.optional}>{row.ip}</td>
              <td>
                <State tone={row.status < 400 ? "good" : "bad"}>{row.failure ?? row.status}</State>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
