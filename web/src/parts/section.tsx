import { Alert, Button, Group, NumberInput, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/refused.ts";
import { useReason } from "./reason.ts";
import rows from "./rows.module.css";
import { useTell } from "./tell.tsx";

export interface SectionForm<T> {
  readonly values: T;
  set(change: Partial<T>): void;
  /** What is wrong with a field, by the page's own look or by the server's. */
  errorOf(name: keyof T): string | undefined;
}

interface Props<T> {
  readonly title: string;
  readonly note?: ReactNode;
  readonly initial: T;
  /** False: somebody thought better of it, and nothing was saved. */
  readonly save: (values: T) => Promise<unknown>;
  readonly check?: (values: T) => Errors<T>;
  readonly children: (form: SectionForm<T>) => ReactNode;
}

type Errors<T> = Partial<Record<keyof T, string>>;

/** Settings that are saved together once one of them differs, and can be taken back where that is told. */
export function Section<T extends object>({ title, note, initial, save, check, children }: Props<T>) {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  const { values, isSame, errors, refusal, isBusy, set, revert, send } = useSection(initial, save, check);
  const told = useReason()(refusal);
  const submit = async () => {
    if (!(await send())) setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  return (
    <form
      ref={form}
      className={`card ${rows.section ?? ""}`}
      aria-label={title}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2 className={rows.head}>{title}</h2>
      {note && (
        <Text c="dimmed" size="sm">
          {note}
        </Text>
      )}
      {children({ values, set, errorOf: (name) => errors[name] })}
      {refusal !== undefined && (
        <Alert color="red" role="alert" title={told.title} mt="md">
          {told.detail}
        </Alert>
      )}
      <Group mt="lg" gap="xs">
        <Button type="submit" loading={isBusy} disabled={isSame}>
          {t("common.save")}
        </Button>
        {!isSame && (
          <Button variant="default" onClick={revert}>
            {t("common.revert")}
          </Button>
        )}
      </Group>
    </form>
  );
}

function useSection<T extends object>(initial: T, save: Props<T>["save"], check?: Props<T>["check"]) {
  const { t } = useTranslation();
  const tell = useTell();
  const [changed, setChanged] = useState<Partial<T>>({});
  const [errors, setErrors] = useState<Errors<T>>({});
  const [refusal, setRefusal] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const values = { ...initial, ...changed };
  const reset = () => {
    setErrors({});
    setRefusal(undefined);
  };
  const send = async (): Promise<boolean> => {
    reset();
    const wrong = check?.(values) ?? {};
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return false;
    setBusy(true);
    try {
      if ((await save(values)) === false) return true;
      setChanged({});
      tell.done(t("settings.saved"), { run: () => save(initial) });
      return true;
    } catch (error) {
      const field = fieldOf(error, values);
      if (field && error instanceof Refused) setErrors({ [field]: sentenceOf(error) } as Errors<T>);
      else setRefusal(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const set = (change: Partial<T>) => setChanged((present) => ({ ...present, ...change }));
  const revert = () => {
    reset();
    setChanged({});
  };
  const isSame = JSON.stringify(values) === JSON.stringify(initial);
  return { values, isSame, errors, refusal, isBusy, set, revert, send };
}

/** The server names a field by its path in the body, such as `keyDefaults.dailyCostUsd`. */
function fieldOf<T extends object>(error: unknown, values: T): keyof T | undefined {
  const names = error instanceof Refused ? (error.field?.split(".") ?? []) : [];
  return names.reverse().find((name): name is keyof T & string => name in values);
}

/** Beside its field, the name that the server puts before its sentence says nothing. */
export const sentenceOf = ({ message, field }: Refused): string =>
  field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;

interface WholeProps {
  readonly label: string;
  readonly description?: string;
  readonly least: number;
  readonly most: number;
  readonly value: number;
  readonly suffix?: string;
  readonly disabled?: boolean;
  readonly put: (value: number) => void;
}

/** A whole number within bounds, written as people write it. */
export function Whole({ least, most, put, ...rest }: WholeProps) {
  return (
    <NumberInput
      {...rest}
      min={least}
      max={most}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
      clampBehavior="blur"
      hideControls
      onChange={(next) => put(Number(next) || least)}
    />
  );
}
