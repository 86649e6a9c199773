import { Button } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { progressOf, useAccountFailures, useOnward, type AccountFailure } from "../../api/usage.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { State } from "../../parts/state.tsx";
import { Clip, type Column, Table } from "../../parts/table.tsx";
import RequestDrawer from "../requests/drawer.tsx";
import { Searched } from "../../parts/searched.tsx";
import requests from "../requests/requests.module.css";

const names = ["request"] as const;

/** What the provider refused or broke, newest first, also where another account then answered. Each opens its call. */
export function AccountFailures({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const [{ request }, set] = useFilters(names);
  const failures = useAccountFailures(id);
  const columns = useColumns();
  const rows = failures.data?.pages.flatMap(({ items }) => items) ?? [];
  const pages = failures.data?.pages ?? [];
  const [asked, setAsked] = useState(20);
  const [isStopped, setStopped] = useState(false);
  const isSearching = rows.length < asked && failures.hasNextPage;
  useOnward(failures, isSearching && !isStopped);
  const searched = isSearching && (
    <Searched
      at={progressOf(pages.at(-1))}
      isRunning={!isStopped}
      stop={() => setStopped(true)}
      goOn={() => setStopped(false)}
    />
  );
  return (
    <div className="card">
      {failures.isPending && <Loading />}
      {failures.isError && !failures.data && <Failing error={failures.error} retry={() => void failures.refetch()} />}
      {failures.data && rows.length === 0 && !isSearching && (
        <Empty icon={<CircleCheck size={20} />} title={t("accounts.noErrors")}>
          {t("accounts.noErrorsNote")}
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          id="account-failures"
          label={t("accounts.errors")}
          columns={columns}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={({ logId }, index) => `${logId} ${index}`}
          rowHeight={38}
          open={({ logId }) => set({ request: logId })}
        />
      )}
      {failures.hasNextPage && (
        <div className={requests.foot} role="status">
          {searched || (
            <Button size="compact-sm" variant="default" onClick={() => setAsked(rows.length + 20)}>
              {t("requests.older")}
            </Button>
          )}
        </div>
      )}
      <RequestDrawer
        id={request}
        close={() => set({ request: "" })}
        ids={[...new Set(rows.map(({ logId }) => logId))]}
        open={(id) => set({ request: id })}
      />
    </div>
  );
}

function useColumns(): readonly Column<AccountFailure>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return [
    {
      id: "when",
      label: t("requests.when"),
      width: 108,
      cell: ({ at }) => (
        <button type="button" className={requests.open} title={t("requests.explain", { at: format.time(at) })}>
          {format.relative(at, Math.max(now, at))}
        </button>
      ),
    },
    {
      id: "status",
      label: t("requests.status"),
      width: 84,
      cell: ({ status }) => (
        <State tone={status >= 500 ? "bad" : "warn"}>
          <span className="tabular">{status}</span>
        </State>
      ),
    },
    {
      id: "reason",
      label: t("accounts.said"),
      width: 160,
      isName: true,
      cell: ({ reason }) => <Clip text={reason} />,
    },
    {
      id: "model",
      label: t("requests.model"),
      width: 170,
      leaves: 2,
      cell: ({ model }) => <Clip text={model ?? "–"} />,
    },
    { id: "key", label: t("keys.key"), width: 160, leaves: 3, cell: ({ key }) => <Clip text={key.name} /> },
    {
      id: "end",
      label: t("accounts.cameTo"),
      width: 190,
      leaves: 1,
      cell: ({ isServed }) => <Clip text={t(isServed ? "accounts.servedElsewhere" : "accounts.failedInTheEnd")} />,
    },
  ];
}
