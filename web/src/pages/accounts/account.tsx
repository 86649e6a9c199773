import { Button, Group, NumberInput, Select, Stack, Switch, Tabs, TagsInput, TextInput } from "@mantine/core";
import { Stethoscope } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "wouter";
import type { Account, AccountChange } from "../../api/accounts.ts";
import { updateAccount, useAccount } from "../../api/accounts.ts";
import { usePulse } from "../../api/pulse.ts";
import { useAct } from "../../parts/act.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filters.ts";
import { useFormat } from "../../parts/format.ts";
import { Page } from "../../parts/page.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { AccountState, CredentialEnd } from "./account-state.tsx";
import { AccountUsage } from "./account-usage.tsx";
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
            <Tabs.Tab value="about">{t("keys.about")}</Tabs.Tab>
            <Tabs.Tab value="settings">{t("keys.settings")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="use">
            <AccountUsage id={account.id} />
          </Tabs.Panel>
          <Tabs.Panel value="about">
            <dl className={`card ${classes.dl}`} style={{ padding: 24 }}>
              {rows.map(([label, value]) => [<dt key={`${label}-name`}>{label}</dt>, <dd key={label}>{value}</dd>])}
            </dl>
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <Settings key={JSON.stringify(settingsOf(account))} account={account} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Page>
  );
}

function settingsOf({
  name,
  isEnabled,
  priority,
  weight,
  maxConcurrency,
  baseUrl,
  models,
  isDedicated,
  schedule,
}: Account) {
  return { name, isEnabled, priority, weight, maxConcurrency, baseUrl, models, isDedicated, schedule };
}

function Settings({ account }: { readonly account: Account }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const before = settingsOf(account);
  const [values, setValues] = useState<ReturnType<typeof settingsOf>>(before);
  const set = (change: Partial<typeof before>) => setValues((present) => ({ ...present, ...change }));
  const changed = Object.fromEntries(
    Object.entries(values).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof typeof before]),
    ),
  ) as AccountChange;
  const whole = (field: "priority" | "weight" | "maxConcurrency", least: number, most: number) => (
    <NumberInput
      label={t(`accounts.${field}`)}
      description={t(`accounts.${field}Note`)}
      min={least}
      max={most}
      allowDecimal={false}
      clampBehavior="strict"
      value={values[field]}
      onChange={(value) => set({ [field]: Number(value) || least })}
    />
  );
  return (
    <form
      className="card"
      style={{ padding: 24 }}
      onSubmit={(event) => {
        event.preventDefault();
        void act(() => updateAccount(account.id, changed), t("accounts.saved", { name: values.name }));
      }}
    >
      <Stack maw={640}>
        <TextInput
          label={t("accounts.name")}
          value={values.name}
          maxLength={120}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <Switch
          label={t("accounts.isEnabled")}
          description={t("accounts.isEnabledNote")}
          checked={values.isEnabled}
          onChange={(event) => set({ isEnabled: event.currentTarget.checked })}
        />
        {whole("priority", 0, 1000)}
        {whole("weight", 1, 1000)}
        {whole("maxConcurrency", 0, 10_000)}
        <Switch
          label={t("accounts.isDedicated")}
          description={t("accounts.isDedicatedNote")}
          checked={values.isDedicated}
          onChange={(event) => set({ isDedicated: event.currentTarget.checked })}
        />
        <TagsInput
          label={t("accounts.models")}
          description={t("accounts.modelsNote")}
          splitChars={[",", " "]}
          value={values.models}
          onChange={(models) => set({ models })}
        />
        <TextInput
          label={t("accounts.baseUrl")}
          description={t("accounts.baseUrlNote")}
          placeholder="https://"
          value={values.baseUrl ?? ""}
          onChange={(event) => set({ baseUrl: event.currentTarget.value.trim() || null })}
        />
        <Hours value={values.schedule} onChange={(schedule) => set({ schedule })} />
        <Group>
          <Button
            type="submit"
            loading={isBusy}
            disabled={Object.keys(changed).length === 0 || values.name.trim() === ""}
          >
            {t("common.save")}
          </Button>
          <Button variant="default" disabled={Object.keys(changed).length === 0} onClick={() => setValues(before)}>
            {t("common.revert")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Schedule = Account["schedule"];

function Hours({ value, onChange }: { readonly value: Schedule; readonly onChange: (value: Schedule) => void }) {
  const { t } = useTranslation();
  const hours = Array.from({ length: 25 }, (_, hour) => ({
    value: String(hour),
    label: `${String(hour).padStart(2, "0")}:00`,
  }));
  const select = (field: "fromHour" | "toHour") =>
    value && (
      <Select
        w={110}
        aria-label={t(`accounts.${field}`)}
        allowDeselect={false}
        data={hours}
        value={String(value[field])}
        onChange={(hour) => onChange({ ...value, [field]: Number(hour) })}
      />
    );
  return (
    <Stack gap={8}>
      <Switch
        label={t("accounts.schedule")}
        description={t("accounts.scheduleNote")}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { fromHour: 9, toHour: 18 } : null)}
      />
      {value && (
        <Group gap="xs">
          {select("fromHour")} – {select("toHour")}
        </Group>
      )}
    </Stack>
  );
}
