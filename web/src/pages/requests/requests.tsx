import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Download, RotateCw, Search, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import type { RequestQuery } from "../../api/usage.ts";
import { exportUsage } from "../../api/ranking.ts";
import { useAct } from "../../parts/act.ts";
import { useFilters } from "../../parts/filters.ts";
import { Page } from "../../parts/page.tsx";
import { download } from "../keys/csv.ts";
import { Recent } from "./recent.tsx";
import classes from "./requests.module.css";

const names = ["search", "outcome", "status", "blame", "account", "model", "key"] as const;
const outcomes = ["complete", "gone", "broken", "failed", "refused"] as const;
const blames = ["client", "capacity", "upstream", "config", "platform"] as const;
const statuses = ["2xx", "4xx", "429", "5xx", "529"] as const;

/** Every call that the log still has, and why each went as it did. */
export default function Requests() {
  const { t } = useTranslation();
  const [filters, set] = useFilters(names);
  const client = useQueryClient();
  const { act, isBusy } = useAct();
  const query = useMemo(
    () => Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")) as RequestQuery,
    [filters],
  );
  return (
    <Page
      title={t("places.requests")}
      note={t("requests.note")}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<Download size={15} />}
            loading={isBusy}
            onClick={() => void act(exportCalls, t("requests.exported"))}
          >
            {t("keys.export")}
          </Button>
          <Button
            variant="default"
            leftSection={<RotateCw size={15} />}
            onClick={() => void client.resetQueries({ queryKey: ["usage", "requests"] })}
          >
            {t("requests.refresh")}
          </Button>
        </>
      }
    >
      <Tools filters={filters} set={set} />
      <Recent query={query} />
    </Page>
  );
}

/** All calls of the last 30 days that the log still has, whatever is filtered here. */
async function exportCalls(): Promise<void> {
  const { name, csv } = await exportUsage("requests", 30);
  download(name, csv);
}

type Filters = Record<(typeof names)[number], string>;

function Tools({ filters, set }: { readonly filters: Filters; readonly set: (next: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const text = (name: "search" | "model", width: number) => (
    <Typed label={t(`requests.${name}`)} value={filters[name]} width={width} tell={(value) => set({ [name]: value })} />
  );
  return (
    <div className={classes.tools}>
      {text("search", 260)}
      {text("model", 160)}
      <Select
        aria-label={t("requests.outcome")}
        placeholder={t("requests.anyOutcome")}
        clearable
        w={160}
        value={filters.outcome || null}
        data={outcomes.map((value) => ({ value, label: t(`outcomes.${value}`) }))}
        onChange={(outcome) => set({ outcome: outcome ?? "" })}
      />
      <Select
        aria-label={t("requests.status")}
        placeholder={t("requests.anyStatus")}
        clearable
        w={130}
        value={filters.status || null}
        data={[...statuses]}
        onChange={(status) => set({ status: status ?? "" })}
      />
      <Select
        aria-label={t("requests.blame")}
        placeholder={t("requests.anyBlame")}
        clearable
        w={150}
        value={filters.blame || null}
        data={blames.map((value) => ({ value, label: t(`blames.${value}`) }))}
        onChange={(blame) => set({ blame: blame ?? "" })}
      />
      <Select
        aria-label={t("accounts.account")}
        placeholder={t("requests.anyAccount")}
        clearable
        searchable
        w={190}
        value={filters.account || null}
        data={(accounts.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(account) => set({ account: account ?? "" })}
      />
      {filters.key && (
        <Button variant="light" rightSection={<X size={15} />} onClick={() => set({ key: "" })}>
          {t("requests.oneKey")}
        </Button>
      )}
    </div>
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string;
  readonly width: number;
  readonly tell: (value: string) => void;
}

/** Text that is asked for once one has stopped typing. */
function Typed({ label, value, width, tell }: TypedProps) {
  const [shown, setShown] = useState(value);
  const late = useDebouncedCallback(tell, 300);
  return (
    <TextInput
      w={width}
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={15} />}
      value={shown}
      onChange={(event) => {
        setShown(event.currentTarget.value);
        late(event.currentTarget.value);
      }}
    />
  );
}
