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
        {shown && shown.length > 0 && <Table accounts={shown} />}
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

function Table({ accounts }: { readonly accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const usage = useUsageOfAccounts(usePulse(60_000));
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t("accounts.account")}</th>
            <th>{t("common.state")}</th>
            <th>{t("usage.windows")}</th>
            <th>{t("accounts.today")}</th>
            <th>
              <Tooltip label={t("accounts.priorityNote")}>
                <span>{t("accounts.priority")}</span>
              </Tooltip>
            </th>
            <th>
              <Tooltip label={t("accounts.weightNote")}>
                <span>{t("accounts.weight")}</span>
              </Tooltip>
            </th>
            <th>{t("accounts.credential")}</th>
            <th>
              <span className={classes.hidden}>{t("common.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <Row key={account.id} account={account} usage={usage.data?.get(account.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly account: Account;
  /** Undefined until it is known. */
  readonly usage: AccountNow | undefined;
}

function Row({ account, usage }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { act } = useAct();
  const { test, isTesting } = useTest(account);
  const { id, name, priority, weight } = account;
  return (
    <tr>
      <td className={classes.wide}>
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
      </td>
      <td className={classes.wide}>
        <AccountState account={account} />
        <Renew account={account} />
      </td>
      <td className={classes.wide} data-label={t("usage.windows")}>
        {usage ? <Windows windows={usage.windows} /> : <Skeleton height={14} width={120} />}
      </td>
      <td className={`${classes.wide} ${classes.today}`} data-label={t("accounts.today")}>
        {usage && (
          <>
            <span className="tabular">{format.usd(usage.today.costUsd)}</span>
            <span className={classes.sub}>{t("accounts.calls", { count: usage.today.requests })}</span>
          </>
        )}
      </td>
      <td data-label={t("accounts.priority")}>
        <NumberCell
          label={t("accounts.priorityOf", { name })}
          value={priority}
          min={0}
          max={1000}
          save={(next) =>
            act(() => updateAccount(id, { priority: next }), t("accounts.saved", { name }), {
              run: () => updateAccount(id, { priority }),
            })
          }
        />
      </td>
      <td data-label={t("accounts.weight")}>
        <NumberCell
          label={t("accounts.weightOf", { name })}
          value={weight}
          min={1}
          max={1000}
          save={(next) =>
            act(() => updateAccount(id, { weight: next }), t("accounts.saved", { name }), {
              run: () => updateAccount(id, { weight }),
            })
          }
        />
      </td>
      <td className={classes.ends} data-label={t("accounts.credential")}>
        <CredentialEnd account={account} />
      </td>
      <td className={classes.last}>
        <Tooltip label={t("accounts.test")}>
          <ActionIcon aria-label={t("accounts.testOf", { name })} loading={isTesting} onClick={test}>
            <Stethoscope size={16} />
          </ActionIcon>
        </Tooltip>
        <AccountMenu account={account} test={test} />
      </td>
    </tr>
  );
}
