import { Alert, Button, Group, Modal, MultiSelect, Progress, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { KeyChange } from "../../api/keys.ts";
import { updateKeys } from "../../api/keys.ts";
import { useReason } from "../../parts/reason.ts";
import { useTell } from "../../parts/tell.tsx";
import { Control } from "./control.tsx";
import type { FieldName, Settings } from "./fields.ts";
import { blank, fields } from "./fields.ts";

interface Props {
  readonly ids: readonly string[];
  readonly close: () => void;
  readonly done: () => void;
}

/** Sets the same fields of many keys: first which, then to what. The others stay as they are on each key. */
export function BulkEdit({ ids, close, done }: Props) {
  const { t } = useTranslation();
  const tell = useTell();
  const reason = useReason();
  const [names, setNames] = useState<string[]>([]);
  const [values, setValues] = useState<Settings>(blank);
  const [share, setShare] = useState<number>();
  const [error, setError] = useState<unknown>();
  const shown = fields.filter(({ name }) => names.includes(name));
  const save = async () => {
    setShare(0);
    setError(undefined);
    try {
      await updateKeys(ids, changeOf(names, values), (at, of) => setShare(at / of));
      tell.done(t("keys.changed", { count: ids.length }));
      done();
      close();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setShare(undefined);
    }
  };
  const told = error === undefined ? undefined : reason(error);
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={<Text fw={600}>{t("keys.editCount", { count: ids.length })}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <MultiSelect
            data-autofocus
            searchable
            hidePickedOptions
            label={t("keys.whichFields")}
            description={t("keys.whichFieldsNote")}
            data={fields
              .filter(({ name }) => name !== "name")
              .map(({ name }) => ({ value: name, label: t(`keyFields.${name as "name"}.label`) }))}
            value={names}
            onChange={setNames}
          />
          {shown.map((field) => (
            <Control
              key={field.name}
              field={field}
              values={values}
              set={(change) => setValues((before) => ({ ...before, ...change }))}
            />
          ))}
          {told && (
            <Alert color="red" role="alert" title={told.title}>
              {told.detail}
            </Alert>
          )}
          {share !== undefined && <Progress value={share * 100} animated aria-label={t("common.working")} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" disabled={names.length === 0} loading={share !== undefined}>
              {t("keys.applyTo", { count: ids.length })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The two ways to end stand in one control, so both are written. */
function changeOf(names: readonly string[], values: Settings): KeyChange {
  const written = (names.includes("expiresAt") ? [...names, "activeHours"] : names) as FieldName[];
  return Object.fromEntries(written.map((name) => [name, values[name]]));
}
