import { Button } from "@mantine/core";
import { Activity, Search } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RequestQuery } from "../../api/usage.ts";
import { progressOf, useOnward, useRequests } from "../../api/usage.ts";
import { withRest } from "../../language/index.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Searched } from "../../parts/searched.tsx";
import { RequestTable } from "./table.tsx";
import classes from "./requests.module.css";

const RequestDrawer = lazy(() => withRest(import("./drawer.tsx")));
const names = ["request"] as const;

interface Props {
  readonly query: RequestQuery;
  readonly without?: "key" | "account";
  /** Milliseconds between two looks for newer calls. */
  readonly pulse?: number | false;
}

/** Calls that a query asks for, older ones on demand, each explained in a drawer whose address can be shared. */
export function Recent({ query, without, pulse = false }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [{ request }, set] = useFilters(names);
  const requests = useRequests(query, pulse);
  const pages = requests.data?.pages ?? [];
  const rows = pages.flatMap(({ items }) => items);
  // Each page is to be as full as it can: a search goes on by itself until it is, or the log ends.
  const [asked, setAsked] = useState({ query, rows: 0 });
  const size = query.pageSize ?? 50;
  const wanted = (asked.query === query ? asked.rows : 0) + size;
  const [stopped, setStopped] = useState<RequestQuery>();
  const isSearching = rows.length < wanted && requests.hasNextPage;
  const isRunning = isSearching && stopped !== query;
  useOnward(requests, isRunning && !requests.isPlaceholderData);
  const progress = progressOf(pages.at(-1));
  const goOn = () => setStopped(undefined);
  const searched = isSearching && (
    <Searched at={progress} isRunning={isRunning} stop={() => setStopped(query)} goOn={goOn} />
  );
  const open = (id: string) => set({ request: id });
  return (
    <div className="card">
      {requests.isPending && <Loading />}
      {requests.isError && !requests.data && <Failing error={requests.error} retry={() => void requests.refetch()} />}
      {requests.data && rows.length === 0 && isSearching && (
        <Empty icon={<Search size={20} />} title={t(isRunning ? "log.looking" : "log.notYet")}>
          {progress && !isRunning && t("log.notYetNote", { at: format.time(progress.at) })}
        </Empty>
      )}
      {requests.data && rows.length === 0 && !isSearching && (
        <Empty icon={<Activity size={20} />} title={t("requests.none")}>
          {t("requests.noneNote")}
        </Empty>
      )}
      {rows.length > 0 && <RequestTable rows={rows} open={open} {...(without ? { without } : {})} />}
      {requests.data && (rows.length > 0 || searched) && (
        <div className={classes.foot} role="status">
          {rows.length > 0 && t("requests.shown", { count: rows.length })}
          {searched}
          {!isSearching && requests.hasNextPage && (
            <Button size="compact-sm" variant="default" onClick={() => setAsked({ query, rows: rows.length })}>
              {t("requests.older")}
            </Button>
          )}
        </div>
      )}
      <Suspense>
        {request !== "" && (
          <RequestDrawer
            id={request}
            close={() => set({ request: "" })}
            ids={rows.map(({ logId }) => logId)}
            open={open}
          />
        )}
      </Suspense>
    </div>
  );
}
