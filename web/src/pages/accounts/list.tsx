import { ActionIcon, Button, Select, Skeleton, TextInput, Tooltip } from "@mantine/core";
import { Plug, Plus, Search, Stethoscope } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../api/accounts.ts";
import { updateAccount, useAccounts } from "../../api/accounts.ts";
import { usePulse } from "../../api/pulse.ts";
import type { AccountNow } from "../../api/usage.ts";
import { useUsageOfAccounts } from "../../api/usage.ts";
import { useGroups } from "../../api/settings.ts";
import { useAct } from "../../parts/act.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { ActionsHead, type Column, Table } from "../../parts/table.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { GroupNames } from "./groups-dialog.tsx";
import { Renew } from "./rejected.tsx";
import { AccountState, CredentialEnd, tones } from "./account-state.tsx";
import { kindOf, offeredKinds } from "./kinds.ts";
import { NumberCell } from "./number-cell.tsx";
import { Sign } from "./sign.tsx";
import { useTest } from "./use-test.tsx";
import { Windows } from "./window.tsx";
import classes from "./accounts.module.css";

const names = ["search", "status", "kind", "group"] as const;
type Filters = Record<(typeof names)[number], string>;

export default function Accounts() {
  const { t } = useTranslation();
  const accounts = useAccounts(usePulse(60_000));
  const [filters, set] = useFilters(names);
  const shown = accounts.data?.filter((account) => isShown(account, filters));
  return (
    <Page
      title={t("places.accounts")}
      note={t("accounts.note")}
      actions={
        <Button component={Link} href="/accounts/new" leftSection={<Plus size={16} />}>
          {t("accounts.connect")}
        </Button>
      }
    >
      {(accounts.data?.length ?? 0) > 0 && <Tools filters={filters} set={set} />}
      <div className="card">
        {accounts.isPending && <Loading />}
        {accounts.isError && !accounts.data && <Failing error={accounts.error} retry={() => void accounts.refetch()} />}
        {accounts.data?.length === 0 && <None />}
        {shown && shown.length > 0 && <List accounts={shown} />}
        {shown?.length === 0 && (accounts.data?.length ?? 0) > 0 && (
          <Empty
            icon={<Search size={20} />}
            title={t("common.noMatch")}
            action={
              <Button variant="default" onClick={() => set({ search: "", status: "", kind: "", group: "" })}>
                {t("common.clearFilters")}
              </Button>
            }
          />
        )}
      </div>
    </Page>
  );
}

function isShown(account: Account, { search, status, kind, group }: Filters): boolean {
  if (group && !account.groups.includes(group)) return false;
  if (kind && account.kind !== kind) return false;
  if (status && account.state.status !== status) return false;
  const word = search.trim().toLowerCase();
  return (
    !word ||
    [account.name, account.kind, account.subject ?? "", account.id].some((text) => text.toLowerCase().includes(word))
  );
}

function Tools({ filters, set }: { readonly filters: Filters; readonly set: (next: Partial<Filters>) => void }) {
  const { t } = useTranslation();
  const groups = useGroups();
  return (
    <div className={classes.tools}>
      <TextInput
        leftSection={<Search size={15} />}
        placeholder={t("accounts.search")}
        aria-label={t("accounts.search")}
        value={filters.search}
        className={classes.find}
        onChange={(event) => set({ search: event.currentTarget.value })}
      />
      <Select
        aria-label={t("common.state")}
        placeholder={t("common.anyState")}
        clearable
        w={170}
        value={filters.status || null}
        data={Object.keys(tones).map((value) => ({
          value,
          label: t(`accounts.status.${value as keyof typeof tones}`),
        }))}
        onChange={(status) => set({ status: status ?? "" })}
      />
      <Select
        aria-label={t("accounts.kind")}
        placeholder={t("accounts.anyKind")}
        clearable
        w={170}
        value={filters.kind || null}
        data={offeredKinds.map(({ kind, label }) => ({ value: kind, label }))}
        onChange={(kind) => set({ kind: kind ?? "" })}
      />
      {(groups.data?.items.length ?? 0) > 0 && (
        <Select
          aria-label={t("accounts.group")}
          placeholder={t("accounts.anyGroup")}
          clearable
          w={170}
          value={filters.group || null}
          data={(groups.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(group) => set({ group: group ?? "" })}
        />
      )}
    </div>
  );
}

function None() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<Plug size={20} />}
      title={t("accounts.none")}
      action={
        <Button component={Link} href="/accounts/new" leftSection={<Plus size={16} />}>
          {t("accounts.connect")}
        </Button>
      }
    >
      {t("accounts.noneNote")}
    </Empty>
  );
}

function List({ accounts }: { readonly accounts: readonly Account[] }) {
  const { t } = useTranslation();
  return (
    <Table
      id="accounts"
      label={t("places.accounts")}
      columns={useColumns()}
      count={accounts.length}
      rowAt={(index) => accounts[index]}
      keyOf={({ id }) => id}
      rowHeight={72}
      cardsBelow={640}
    />
  );
}

function useColumns(): readonly Column<Account>[] {
  const { t } = useTranslation();
  const usage = useUsageOfAccounts(usePulse(60_000));
  const usageOf = ({ id }: Account) => usage.data?.get(id);
  return [
    { id: "name", label: t("accounts.account"), width: 220, isName: true, cell: (account) => <Name of={account} /> },
    {
      id: "state",
      label: t("common.state"),
      width: 190,
      isWide: true,
      cell: (account) => (
        <>
          <AccountState account={account} />
          <Renew account={account} />
        </>
      ),
    },
    {
      id: "windows",
      label: t("usage.windows"),
      width: 180,
      leaves: 5,
      isWide: true,
      cell: (account) => <WindowsCell usage={usageOf(account)} />,
    },
    {
      id: "today",
      label: t("accounts.today"),
      width: 104,
      leaves: 4,
      isWide: true,
      cell: (account) => <Today usage={usageOf(account)} />,
    },
    {
      id: "priority",
      label: t("accounts.priority"),
      head: <Noted label={t("accounts.priority")} note={t("accounts.priorityNote")} />,
      width: 92,
      leaves: 3,
      cell: (account) => <Rank account={account} field="priority" min={0} />,
    },
    {
      id: "weight",
      label: t("accounts.weight"),
      head: <Noted label={t("accounts.weight")} note={t("accounts.weightNote")} />,
      width: 92,
      leaves: 2,
      cell: (account) => <Rank account={account} field="weight" min={1} />,
    },
    {
      id: "credential",
      label: t("accounts.credential"),
      width: 124,
      leaves: 1,
      cell: (account) => <CredentialEnd account={account} />,
    },
    { id: "actions", label: "", head: <ActionsHead />, width: 104, cell: (account) => <Actions account={account} /> },
  ];
}

function Noted({ label, note }: { readonly label: string; readonly note: string }) {
  return (
    <Tooltip label={note}>
      <span>{label}</span>
    </Tooltip>
  );
}

function Name({ of: account }: { readonly of: Account }) {
  const { t } = useTranslation();
  const { id, name } = account;
  return (
    <div className={classes.who}>
      <Sign kind={account.kind} />
      <div>
        <Link href={`/accounts/${id}`} className={classes.name}>
          {name}
        </Link>
        <span className={classes.sub}>
          {kindOf(account.kind).label}
          {account.subject && account.subject !== name && ` · ${account.subject}`}
          {account.proxy && ` · ${t("accounts.viaProxy")}`}
          {account.groups.length > 0 && (
            <>
              {" · "}
              <GroupNames ids={account.groups} />
            </>
          )}
        </span>
      </div>
    </div>
  );
}

/** `usage` is undefined until it is known. */
function WindowsCell({ usage }: { readonly usage: AccountNow | undefined }) {
  return usage ? <Windows windows={usage.windows} /> : <Skeleton height={14} width={120} />;
}

function Today({ usage }: { readonly usage: AccountNow | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!usage) return null;
  return (
    <>
      <span className="tabular">{format.usd(usage.today.costUsd)}</span>
      <span className={classes.sub}>{t("accounts.calls", { count: usage.today.requests })}</span>
    </>
  );
}

interface RankProps {
  readonly account: Account;
  readonly field: "priority" | "weight";
  readonly min: number;
}

function Rank({ account: { id, name, ...account }, field, min }: RankProps) {
  const { t } = useTranslation();
  const { act } = useAct();
  return (
    <NumberCell
      label={t(`accounts.${field}Of`, { name })}
      value={account[field]}
      min={min}
      max={1000}
      save={(next) =>
        act(() => updateAccount(id, { [field]: next }), t("accounts.saved", { name }), {
          run: () => updateAccount(id, { [field]: account[field] }),
        })
      }
    />
  );
}

function Actions({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const { test, isTesting } = useTest(account);
  return (
    <span className={classes.line}>
      <Tooltip label={t("accounts.test")}>
        <ActionIcon aria-label={t("accounts.testOf", { name: account.name })} loading={isTesting} onClick={test}>
          <Stethoscope size={16} />
        </ActionIcon>
      </Tooltip>
      <AccountMenu account={account} test={test} />
    </span>
  );
}
