import type { ReactNode } from "react";
import { ActionIcon, Autocomplete, Button, Group, Input, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { ArrowRight, Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import { useGroups } from "../../api/settings.ts";
import { kindOf, offeredServices } from "../accounts/kinds.ts";
import type { Shared } from "./shared.ts";
import { services } from "./describe.ts";

const families = [
  "opus",
  "sonnet",
  "haiku",
  "fable",
  "mythos",
  "gpt",
  "codex",
  "o-series",
  "gemini-pro",
  "gemini-flash",
  "gemini-flash-lite",
  "deepseek",
  "kimi",
  "glm",
];

type Pair<T> = readonly [string, T];

interface PairsProps<T> extends Shared<Record<string, T>> {
  readonly blank: T;
  readonly add: string;
  readonly left: (value: string, change: (value: string) => void, index: number) => ReactNode;
  readonly right: (value: T, change: (value: T) => void, index: number) => ReactNode;
}

/** Rows of name and value. Half-filled rows are kept here and not told. */
function Pairs<T extends string | number>({
  label,
  description,
  error,
  value,
  onChange,
  blank,
  add,
  left,
  right,
}: PairsProps<T>) {
  const { t } = useTranslation();
  const [rows, setRows] = useState<Pair<T>[]>(() => Object.entries(value));
  const put = (next: Pair<T>[]) => {
    setRows(next);
    onChange(
      Object.fromEntries(
        next
          .filter(([name, what]) => name.trim() !== "" && what !== "" && what !== 0)
          .map(([name, what]) => [name.trim(), what]),
      ),
    );
  };
  const change = (index: number, row: Pair<T>) => put(rows.map((one, at) => (at === index ? row : one)));
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Stack gap={6} mt={6} align="flex-start">
        {rows.map(([name, what], index) => (
          <Group key={index} gap={6} wrap="nowrap">
            {left(name, (next) => change(index, [next, what]), index)}
            <ArrowRight size={14} aria-hidden color="var(--ink-3)" />
            {right(what, (next) => change(index, [name, next]), index)}
            <ActionIcon aria-label={t("common.remove")} onClick={() => put(rows.filter((_, at) => at !== index))}>
              <X size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} />}
          onClick={() => setRows([...rows, ["", blank]])}
        >
          {add}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

export function FamilyRows(props: Shared<Record<string, number>>) {
  const { t } = useTranslation();
  return (
    <Pairs
      {...props}
      blank={0}
      add={t("keys.addFamily")}
      left={(value, change) => (
        <Autocomplete
          aria-label={t("keys.family")}
          placeholder={t("keys.family")}
          data={families}
          value={value}
          onChange={change}
          w={170}
        />
      )}
      right={(value, change) => (
        <NumberInput
          aria-label={t("keys.familyCost")}
          prefix="$"
          min={0}
          hideControls
          decimalScale={9}
          w={120}
          value={value === 0 ? "" : value}
          onChange={(next) => change(Number(next) || 0)}
        />
      )}
    />
  );
}

export function AliasRows(props: Shared<Record<string, string>>) {
  const { t } = useTranslation();
  const input = (label: string) => (value: string, change: (value: string) => void) => (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
  return (
    <Pairs {...props} blank="" add={t("keys.addAlias")} left={input(t("keys.asked"))} right={input(t("keys.sent"))} />
  );
}

/** For each service the account that serves the key; nothing chosen: whichever is best. */
export function BindingRows({ label, description, error, value, onChange }: Shared<Record<string, string>>) {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const groups = useGroups();
  const grouped = (groups.data?.items ?? []).map(({ id, name }) => ({ value: `group:${id}`, label: name }));
  const accountsOf = (service: string) =>
    (accounts.data ?? [])
      .filter((account) => account.service === service)
      .map((account) => ({ value: account.id, label: `${account.name} · ${kindOf(account.kind).label}` }));
  const set = (service: string, target: string | null) => {
    const { [service]: _, ...rest } = value;
    onChange(target ? { ...rest, [service]: target } : rest);
  };
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Stack gap={6} mt={6}>
        {offeredServices.map((service) => (
          <Select
            key={service}
            maw={420}
            clearable
            searchable
            label={services.find((one) => one.value === service)?.label ?? service}
            placeholder={t("keys.anyAccount")}
            value={value[service] ?? null}
            onChange={(target) => set(service, target)}
            data={
              grouped.length === 0
                ? accountsOf(service)
                : [
                    { group: t("groups.accounts"), items: accountsOf(service) },
                    { group: t("groups.target"), items: grouped },
                  ]
            }
          />
        ))}
      </Stack>
    </Input.Wrapper>
  );
}
