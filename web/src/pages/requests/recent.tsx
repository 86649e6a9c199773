import { Button, Loader } from "@mantine/core";
import { Activity } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RequestQuery } from "../../api/usage.ts";
import { useRequests } from "../../api/usage.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { RequestDrawer } from "./drawer.tsx";
import { RequestTable } from "./table.tsx";
import classes from "./requests.module.css";

const names = ["request"] as const;

interface Props {
  readonly query: RequestQuery;
  readonly without?: "key" | "account";
}

/** Calls that a query asks for, older ones on demand, each explained in a drawer whose address can be shared. */
export function Recent({ query, without }: Props) {
  const { t } = useTranslation();
  const [{ request }, set] = useFilters(names);
  const requests = useRequests(query);
  const rows = requests.data?.pages.flatMap(({ items }) => items) ?? [];
  const older = requests.hasNextPage && (
    <Button
      size="compact-sm"
      variant="default"
      loading={requests.isFetchingNextPage}
      onClick={() => void requests.fetchNextPage()}
    >
      {t("requests.older")}
    </Button>
  );
  return (
    <div className="card">
      {requests.isPending && <Loading />}
      {requests.isError && !requests.data && <Failing error={requests.error} retry={() => void requests.refetch()} />}
      {requests.data && rows.length === 0 && (
        <Empty icon={<Activity size={20} />} title={t("requests.none")} action={older}>
          {t("requests.noneNote")}
        </Empty>
      )}
      {rows.length > 0 && (
        <RequestTable rows={rows} open={(logId) => set({ request: logId })} {...(without ? { without } : {})} />
      )}
      {rows.length > 0 && (
        <div className={classes.foot} role="status">
          {requests.isFetching && !requests.isFetchingNextPage && <Loader size={12} aria-label={t("common.loading")} />}
          {t("requests.shown", { count: rows.length })}
          {older}
        </div>
      )}
      <RequestDrawer id={request} close={() => set({ request: "" })} />
    </div>
  );
}
