import { MultiSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAccounts } from "../../api/accounts.ts";
import type { Group } from "../../api/settings.ts";
import { createGroup, updateGroup } from "../../api/settings.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { useTell } from "../../parts/tell.tsx";
import { kindOf } from "../accounts/kinds.ts";

/** Makes a group, or changes its name, description and accounts. */
export function GroupDialog({ group, close }: { readonly group?: Group | undefined; readonly close: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const accounts = useAccounts();
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const [members, setMembers] = useState<string[]>(group?.accounts ?? []);
  const save = async () => {
    const draft = { name: name.trim(), description, accounts: members };
    await (group ? updateGroup(group.id, draft) : createGroup(draft));
    const words = t(group ? "groups.saved" : "groups.created", { name: draft.name });
    if (!group) return tell.done(words);
    const { description: before, accounts: held, name: called } = group;
    tell.done(words, { run: () => updateGroup(group.id, { name: called, description: before, accounts: held }) });
  };
  return (
    <Dialog
      title={group ? t("groups.editOf", { name: group.name }) : t("groups.create")}
      submit={group ? t("common.save") : t("groups.create")}
      close={close}
      save={save}
      isReady={name.trim() !== ""}
    >
      <TextInput
        data-autofocus
        label={t("groups.name")}
        value={name}
        maxLength={120}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={t("groups.description")}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={2000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <MultiSelect
        searchable
        hidePickedOptions
        label={t("groups.accounts")}
        description={t("groups.accountsNote")}
        data={(accounts.data ?? []).map((account) => ({
          value: account.id,
          label: `${account.name} · ${kindOf(account.kind).label}`,
        }))}
        value={members}
        onChange={setMembers}
      />
    </Dialog>
  );
}
