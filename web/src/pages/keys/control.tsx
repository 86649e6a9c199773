import type { NumberInputProps } from "@mantine/core";
import {
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useKeyTags } from "../../api/keys.ts";
import { AliasRows, BindingRows, FamilyRows } from "./rows.tsx";
import { clients, services } from "./describe.ts";
import type { Field, Settings } from "./fields.ts";
import { ManyOf } from "./many-of.tsx";
import type { Shared } from "./shared.ts";

export interface ControlProps {
  readonly field: Field;
  readonly values: Settings;
  readonly set: (change: Partial<Settings>) => void;
  readonly error?: string | undefined;
}

/** The input of one setting, with its label and its explanation beside it. */
export function Control({ field, values, set, error }: ControlProps) {
  const { t } = useTranslation();
  const { name, control } = field;
  const put = (value: unknown) => set({ [name]: value } as Partial<Settings>);
  const value = values[name];
  const words = `keyFields.${name as "name"}` as const;
  const shared = {
    label: t(`${words}.label`),
    description: t(`${words}.note`),
    placeholder: t(`${words}.placeholder`),
    error,
  };
  switch (control) {
    case "text":
      return (
        <TextInput
          {...shared}
          value={value as string}
          required={name === "name"}
          withAsterisk={false}
          maxLength={name === "name" ? 120 : 200}
          onChange={(event) => put(event.currentTarget.value)}
        />
      );
    case "long":
      return (
        <Textarea
          {...shared}
          autosize
          minRows={1}
          maxRows={6}
          value={value as string}
          maxLength={2000}
          onChange={(event) => put(event.currentTarget.value)}
        />
      );
    case "tags":
      return <Tags {...shared} value={value as string[]} onChange={put} />;
    case "words":
      return <TagsInput {...shared} value={value as string[]} onChange={put} splitChars={[",", " ", "\n"]} />;
    case "services":
      return <ManyOf {...shared} all={services} value={value as string[]} onChange={put} />;
    case "clients":
      return <ManyOf {...shared} all={clients} value={value as string[]} onChange={put} />;
    case "usd":
      return <Limit {...shared} value={value as number} onChange={put} prefix="$" decimalScale={9} />;
    case "whole":
      return (
        <Limit
          {...shared}
          value={value as number}
          onChange={put}
          max={field.max}
          thousandSeparator=","
          allowDecimal={false}
        />
      );
    case "flag":
      return <Switch {...shared} checked={value as boolean} onChange={(event) => put(event.currentTarget.checked)} />;
    case "weekday":
      return (
        <Choice
          {...shared}
          value={value as number}
          onChange={put}
          from={1}
          to={7}
          word={(day) => t(`weekdays.${day as 1}`)}
        />
      );
    case "hour":
      return (
        <Choice
          {...shared}
          value={value as number}
          onChange={put}
          from={0}
          to={23}
          word={(hour) => `${String(hour).padStart(2, "0")}:00`}
        />
      );
    case "families":
      return <FamilyRows {...shared} value={value as Record<string, number>} onChange={put} />;
    case "bindings":
      return <BindingRows {...shared} value={value as Record<string, string>} onChange={put} />;
    case "aliases":
      return <AliasRows {...shared} value={value as Record<string, string>} onChange={put} />;
    case "expiry":
      return <Expiry values={values} set={set} error={error} />;
  }
}

function Tags(props: Shared<string[]>) {
  const tags = useKeyTags();
  return <TagsInput {...props} data={tags.data?.items.map(({ tag }) => tag) ?? []} splitChars={[","]} maxTags={50} />;
}

type LimitProps = Shared<number> &
  Partial<Pick<NumberInputProps, "prefix" | "decimalScale" | "max" | "thousandSeparator" | "allowDecimal">>;

/** A limit: an empty field is no limit, which the API writes as 0. */
function Limit({ value, onChange, ...rest }: LimitProps) {
  const { t } = useTranslation();
  return (
    <NumberInput
      {...rest}
      min={0}
      allowNegative={false}
      hideControls
      placeholder={rest.placeholder || t("keys.noLimit")}
      value={value === 0 ? "" : value}
      onChange={(next) => onChange(typeof next === "number" ? next : Number(next) || 0)}
    />
  );
}

interface ChoiceProps extends Shared<number> {
  readonly from: number;
  readonly to: number;
  readonly word: (value: number) => string;
}

function Choice({ from, to, word, value, onChange, ...rest }: ChoiceProps) {
  const data = Array.from({ length: to - from + 1 }, (_, index) => ({
    value: String(from + index),
    label: word(from + index),
  }));
  return (
    <Select
      {...rest}
      data={data}
      value={String(value)}
      allowDeselect={false}
      onChange={(next) => onChange(Number(next))}
    />
  );
}

const hourMs = 3_600_000;

function Expiry({ values, set, error }: Pick<ControlProps, "values" | "set" | "error">) {
  const { t } = useTranslation();
  const mode = values.activeHours !== null ? "active" : values.expiresAt !== null ? "date" : "never";
  const choose = (next: string) =>
    set({
      expiresAt:
        next === "date" ? (values.expiresAt ?? Math.ceil(Date.now() / hourMs) * hourMs + 30 * 24 * hourMs) : null,
      activeHours: next === "active" ? (values.activeHours ?? 720) : null,
    });
  return (
    <Stack gap={6}>
      <div>
        <Text size="sm" fw={500} id="expiry">
          {t("keyFields.expiresAt.label")}
        </Text>
        <Text size="xs" c="dimmed">
          {t("keyFields.expiresAt.note")}
        </Text>
      </div>
      <Group gap="xs" align="center">
        <SegmentedControl
          aria-labelledby="expiry"
          value={mode}
          onChange={choose}
          data={(["never", "date", "active"] as const).map((value) => ({ value, label: t(`keys.expiry.${value}`) }))}
        />
        {values.expiresAt !== null && (
          <TextInput
            type="datetime-local"
            aria-label={t("keys.expiry.date")}
            value={localOf(values.expiresAt)}
            onChange={(event) => {
              const at = Date.parse(event.currentTarget.value);
              if (Number.isFinite(at)) set({ expiresAt: at });
            }}
          />
        )}
        {values.activeHours !== null && (
          <NumberInput
            w={150}
            min={1}
            max={876_000}
            allowDecimal={false}
            suffix={` ${t("keys.expiry.hours")}`}
            aria-label={t("keys.expiry.active")}
            value={values.activeHours}
            onChange={(hours) => set({ activeHours: Number(hours) || 1 })}
          />
        )}
      </Group>
      {error && (
        <Text size="xs" c="var(--bad)">
          {error}
        </Text>
      )}
    </Stack>
  );
}

/** An instant as an input of type datetime-local writes it, in the reader's own time zone. */
function localOf(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
