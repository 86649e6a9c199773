import { Alert, Button, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { RotateCcwKey } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Key } from "../../api/keys.ts";
import { endFormerSecret, rotateKey } from "../../api/keys.ts";
import { useAct } from "../../parts/act.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { useFormat } from "../../parts/format.ts";
import { Secret } from "./secret.tsx";

/** Hours for which the present secret stays valid beside the new one. */
const graces = ["24", "1", "0"] as const;

/** A button that gives the key a new secret, and shows it this once. */
export function RotateSecret({ apiKey: { id, name } }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const [grace, setGrace] = useState<string>("24");
  const [secret, setSecret] = useState("");
  return (
    <>
      <Button variant="default" leftSection={<RotateCcwKey size={16} />} onClick={() => setAsking(true)}>
        {t("keys.rotate.action")}
      </Button>
      {isAsking && (
        <Dialog
          title={t("keys.rotate.title", { name })}
          submit={t("keys.rotate.action")}
          close={() => setAsking(false)}
          save={async () => setSecret((await rotateKey(id, Number(grace))).secret)}
        >
          <Text size="sm">{t("keys.rotate.note")}</Text>
          <NativeSelect
            label={t("keys.rotate.grace")}
            value={grace}
            data={graces.map((hours) => ({ value: hours, label: t(`keys.rotate.hours.${hours}`) }))}
            onChange={({ currentTarget: { value } }) => setGrace(value)}
          />
        </Dialog>
      )}
      {/* Closed by its button alone: a click beside it would lose the secret. */}
      <Modal
        opened={secret !== ""}
        onClose={() => setSecret("")}
        title={<Text fw={600}>{t("keys.rotate.made", { name })}</Text>}
        withCloseButton={false}
        closeOnClickOutside={false}
        closeOnEscape={false}
        size="lg"
      >
        <Stack>
          <Text size="sm">{t("keys.once")}</Text>
          <Secret id={id} secret={secret} />
          <Button style={{ alignSelf: "flex-end" }} onClick={() => setSecret("")}>
            {t("keys.rotate.copied")}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}

/** Told on the key's page while its replaced secret is still valid. */
export function FormerSecret({ id, until }: { readonly id: string; readonly until: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { act, isBusy } = useAct();
  return (
    <Alert color="yellow" mb="md" title={t("keys.rotate.former", { at: format.time(until) })}>
      <Button
        size="xs"
        variant="default"
        loading={isBusy}
        onClick={() => void act(() => endFormerSecret(id), t("keys.rotate.ended"))}
      >
        {t("keys.rotate.end")}
      </Button>
    </Alert>
  );
}
