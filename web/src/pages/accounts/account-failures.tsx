import { Button } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAccountFailures, type AccountFailure } from "../../api/usage.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { State } from "../../parts/state.tsx";
import { RequestDrawer } from "../requests/drawer.tsx";
import requests from "../requests/requests.module.css";

const names = ["request"] as const;

/** What the provider refused or broke, newest first, also where another account then answered. Each opens its call. */
export function AccountFailures({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const [{ request }, set] = useFilters(names);
  const failures = useAccountFailures(id);
  const rows = failures.data?.pages.flatMap(({ items }) => items) ?? [];
  const older = failures.hasNextPage && (
    <Button
      size="compact-sm"
      variant="default"
      loading={failures.isFetchingNextPage}
      onClick={() => void failures.fetchNextPage()}
    >
      {t("requests.older")}
    </Button>
  );
  return (
    <div className="card">
      {failures.isPending && <Loading />}
      {failures.isError && !failures.data && <Failing error={failures.error} retry={() => void failures.refetch()} />}
      {failures.data && rows.length === 0 && (
        <Empty icon={<CircleCheck size={20} />} title={t("accounts.noErrors")} action={older}>
          {t("accounts.noErrorsNote")}
        </Empty>
      )}
      {rows.length > 0 && (
        <div className={requests.scroll}>
          <table className={requests.table}>
            <thead>
              <tr>
                <th>{t("requests.when")}</th>
                <th>{t("requests.status")}</th>
                <th>{t("accounts.said")}</th>
                <th className={requests.optional}>{t("requests.model")}</th>
                <th className={requests.optional}>{t("keys.key")}</th>
                <th className={requests.second}>{t("accounts.cameTo")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <Row key={`${row.logId} ${index}`} row={row} open={() => set({ request: row.logId })} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > 0 && older && <div className={requests.foot}>{older}</div>}
      <RequestDrawer id={request} close={() => set({ request: "" })} />
    </div>
  );
}

function Row({ row, open }: { readonly row: AccountFailure; readonly open: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <tr onClick={open}>
      <td>
        <button type="button" className={requests.open} title={t("requests.explain", { at: format.time(row.at) })}>
          {format.relative(row.at, Math.max(now, row.at))}
        </button>
      </td>
      <td>
        <State tone={row.status >= 500 ? "bad" : "warn"}>
          <span className="tabular">{row.status}</span>
        </State>
      </td>
      <td>
        <span className={requests.said} title={row.reason}>
          {row.reason}
        </span>
      </td>
      <td className={requests.optional}>
        <span className={requests.clip}>{row.model ?? "–"}</span>
      </td>
      <td className={requests.optional}>
        <span className={requests.clip}>{row.key.name}</span>
      </td>
      <td className={requests.second}>{t(row.isServed ? "accounts.servedElsewhere" : "accounts.failedInTheEnd")}</td>
    </tr>
  );
}
