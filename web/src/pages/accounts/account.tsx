import { Button, Group, Stack, Tabs } from "@mantine/core";
import { Stethoscope } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "wouter";
import type { Account } from "../../api/accounts.ts";
import { useAccount } from "../../api/accounts.ts";
import { usePulse } from "../../api/pulse.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { AccountState, CredentialEnd } from "./account-state.tsx";
import { AccountFailures } from "./account-failures.tsx";
import { AccountSettings } from "./account-settings.tsx";
import { AccountUsage } from "./account-usage.tsx";
import { GroupNames } from "./groups-dialog.tsx";
import { kindOf } from "./kinds.ts";
import { Rejected } from "./rejected.tsx";
import { Sign } from "./sign.tsx";
import { useTest } from "./use-test.tsx";
import classes from "./accounts.module.css";

const names = ["tab"] as const;

export default function AccountPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams<{ id: string }>();
  const account = useAccount(id, usePulse(60_000));
  const back = { href: "/accounts", label: t("places.accounts") };
  if (!account.data) {
    return (
      <Page title={t("accounts.account")} back={back}>
        <div className="card">
          {account.isError ? <Failing error={account.error} retry={() => void account.refetch()} /> : <Loading />}
        </div>
      </Page>
    );
  }
  return <Shown account={account.data} />;
}

function Shown({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { test, isTesting } = useTest(account);
  const [{ tab }, set] = useFilters(names);
  const rows: [string, ReactNode][] = [
    [t("common.state"), <AccountState key="state" account={account} />],
    [
      t("accounts.kind"),
      <Group key="kind" gap="xs">
        <Sign kind={account.kind} />
        {kindOf(account.kind).label}
      </Group>,
    ],
    [t("accounts.subject"), account.subject ?? "–"],
    [t("accounts.credential"), <CredentialEnd key="end" account={account} />],
    [
      t("accounts.proxy"),
      account.proxy ? (
        <span key="proxy" className="mono">
          {account.proxy}
        </span>
      ) : (
        t("accounts.proxyNone")
      ),
    ],
    [t("accounts.groups"), <GroupNames key="groups" ids={account.groups} />],
    [t("accounts.createdAt"), format.time(account.createdAt)],
    [
      "ID",
      <span key="id" className="mono">
        {account.id}
      </span>,
    ],
  ];
  return (
    <Page
      title={account.name}
      back={{ href: "/accounts", label: t("places.accounts") }}
      actions={
        <>
          <Button variant="default" leftSection={<Stethoscope size={15} />} loading={isTesting} onClick={test}>
            {t("accounts.test")}
          </Button>
          <AccountMenu account={account} test={test} />
        </>
      }
    >
      <Stack gap="lg">
        <Rejected account={account} />
        <Tabs
          value={tab || "use"}
          onChange={(next) => set({ tab: next === "use" ? "" : (next ?? "") })}
          keepMounted={false}
        >
          <Tabs.List mb="lg">
            <Tabs.Tab value="use">{t("keys.overview")}</Tabs.Tab>
            <Tabs.Tab value="errors">{t("accounts.errors")}</Tabs.Tab>
            <Tabs.Tab value="about">{t("keys.about")}</Tabs.Tab>
            <Tabs.Tab value="settings">{t("keys.settings")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="use">
            <AccountUsage id={account.id} />
          </Tabs.Panel>
          <Tabs.Panel value="errors">
            <AccountFailures id={account.id} />
          </Tabs.Panel>
          <Tabs.Panel value="about">
            <dl className={`card ${classes.dl}`} style={{ padding: 24 }}>
              {rows.map(([label, value]) => [<dt key={`${label}-name`}>{label}</dt>, <dd key={label}>{value}</dd>])}
            </dl>
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <AccountSettings account={account} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}
