import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useReason } from "./reason.ts";

interface Props {
  readonly title: string;
  readonly submit: string;
  readonly close: () => void;
  /** Closes the dialog when it is done; what it throws is told in the dialog, which stays, as it does if it answers false. */
  readonly save: () => Promise<unknown>;
  readonly isReady?: boolean;
  readonly isDangerous?: boolean;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** A form in a dialog: its fields, what went wrong, and the two ways out. */
export function Dialog({ title, submit, close, save, isReady = true, isDangerous, beside, children }: Props) {
  const { t } = useTranslation();
  const reason = useReason();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      if ((await save()) !== false) return close();
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };
  const told = error === undefined ? undefined : reason(error);
  return (
    <Modal
      opened
      onClose={close}
      title={<Text fw={600}>{title}</Text>}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack>
          {children}
          {told && (
            <Alert color="red" role="alert" title={told.title}>
              {told.detail}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            {beside}
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={isBusy} disabled={!isReady} color={isDangerous ? "red.8" : undefined}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
