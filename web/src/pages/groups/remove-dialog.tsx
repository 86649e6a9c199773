import { Select, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Group } from "../../api/settings.ts";
import { deleteGroup } from "../../api/settings.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { useTell } from "../../parts/tell.tsx";

interface Props {
  readonly group: Group;
  readonly others: readonly Group[];
  readonly close: () => void;
}

const nothing = "unbind";

/** A group that keys are bound to: it goes only once it is said what becomes of them. */
export function RemoveDialog({ group, others, close }: Props) {
  const { t } = useTranslation();
  const tell = useTell();
  const [then, setThen] = useState<string | null>(null);
  const names = group.keyNames.join(t("common.listJoiner")) + (group.keys > group.keyNames.length ? " …" : "");
  const targets = others
    .filter(({ id }) => id !== group.id)
    .map(({ id, name }) => ({ value: id, label: t("groups.moveTo", { name }) }));
  const save = async () => {
    await deleteGroup(group.id, then === nothing || then === null ? "" : then);
    tell.done(t("groups.deleted", { name: group.name }));
  };
  return (
    <Dialog
      isDangerous
      title={t("groups.deleteOf", { name: group.name })}
      submit={t("common.delete")}
      close={close}
      save={save}
      isReady={then !== null}
    >
      <Text c="dimmed">{t("groups.bound", { count: group.keys, names })}</Text>
      <Select
        label={t("groups.then")}
        description={t("groups.thenNote")}
        data={[...targets, { value: nothing, label: t("groups.unbind") }]}
        value={then}
        onChange={setThen}
      />
    </Dialog>
  );
}
