import { Button, Group, NumberInput, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, AccountChange } from "../../api/accounts.ts";
import { updateAccount } from "../../api/accounts.ts";
import { useAct } from "../../parts/act.ts";
import { AliasRows } from "../keys/rows.tsx";
import { GroupsInput } from "./groups-dialog.tsx";

function settingsOf({
  name,
  isEnabled,
  priority,
  weight,
  maxConcurrency,
  baseUrl,
  models,
  aliases,
  groups,
  isDedicated,
  schedule,
}: Account) {
  return { name, isEnabled, priority, weight, maxConcurrency, baseUrl, models, aliases, groups, isDedicated, schedule };
}

/** What an operator sets on an account. It begins anew where the account was changed elsewhere. */
export function AccountSettings({ account }: { readonly account: Account }) {
  return <Settings key={JSON.stringify(settingsOf(account))} account={account} />;
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
        <AliasRows
          label={t("accounts.aliases")}
          description={t("accounts.aliasesNote")}
          value={values.aliases}
          onChange={(aliases) => set({ aliases })}
        />
        <GroupsInput value={values.groups} onChange={(groups) => set({ groups })} />
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
