import { MultiSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { updateAccount } from "../../api/accounts.ts";
import { useGroups } from "../../api/settings.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { useTell } from "../../parts/tell.tsx";

/** Puts an account into groups, or takes it out of them. */
export function GroupsDialog({ account, close }: { readonly account: Account; readonly close: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const { id, name, groups: before } = account;
  const [groups, setGroups] = useState([...before]);
  const save = async () => {
    await updateAccount(id, { groups });
    tell.done(t("accounts.saved", { name }), { run: () => updateAccount(id, { groups: before }) });
  };
  return (
    <Dialog title={t("accounts.groupsOf", { name })} submit={t("common.save")} close={close} save={save}>
      <GroupsInput value={groups} onChange={setGroups} />
    </Dialog>
  );
}

interface InputProps {
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

export function GroupsInput({ value, onChange }: InputProps) {
  const { t } = useTranslation();
  const groups = useGroups();
  return (
    <MultiSelect
      searchable
      hidePickedOptions
      label={t("accounts.groups")}
      description={t(groups.data?.items.length === 0 ? "accounts.noGroups" : "accounts.groupsNote")}
      data={(groups.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={[...value]}
      onChange={onChange}
    />
  );
}

/** What an account's groups are called. */
export function GroupNames({ ids }: { readonly ids: readonly string[] }) {
  const { t } = useTranslation();
  const groups = useGroups();
  const names = ids.map((id) => groups.data?.items.find((group) => group.id === id)?.name ?? id);
  return <>{names.join(t("common.listJoiner")) || "–"}</>;
}
