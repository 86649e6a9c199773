import { ActionIcon, Badge, Button, Text } from "@mantine/core";
import { Boxes, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useAccounts } from "../../api/accounts.ts";
import type { Group } from "../../api/settings.ts";
import { createGroup, deleteGroup, useGroups } from "../../api/settings.ts";
import { useAct } from "../../parts/act.ts";
import { ask } from "../../parts/ask.ts";
import { Empty, Failing, Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";
import rows from "../../parts/rows.module.css";
import { GroupDialog } from "./group-dialog.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";

/** What makes it anew after it was deleted. */
const draftOf = ({ name, description, accounts }: Group) => ({ name, description, accounts });

type Open = { readonly kind: "edit"; readonly group?: Group } | { readonly kind: "remove"; readonly group: Group };

/** Accounts put together, and the keys that are bound to them. */
export default function Groups() {
  const { t } = useTranslation();
  const groups = useGroups();
  const { act } = useAct();
  const [open, setOpen] = useState<Open>();
  const items = groups.data?.items ?? [];
  const close = () => setOpen(undefined);
  const remove = async (group: Group) => {
    if (group.keys > 0) return setOpen({ kind: "remove", group });
    const { name } = group;
    const title = t("groups.deleteOf", { name });
    if (await ask({ title, body: t("groups.deleteBody"), confirm: t("common.delete"), isDangerous: true }))
      await act(() => deleteGroup(group.id, ""), t("groups.deleted", { name }), {
        run: () => createGroup(draftOf(group)),
      });
  };
  const create = (
    <Button leftSection={<Plus size={16} />} onClick={() => setOpen({ kind: "edit" })}>
      {t("groups.create")}
    </Button>
  );
  return (
    <Page title={t("places.groups")} note={t("groups.note")} actions={items.length > 0 && create}>
      <div className="card">
        {groups.isPending && <Loading rows={3} height={56} />}
        {groups.isError && !groups.data && <Failing error={groups.error} retry={() => void groups.refetch()} />}
        {groups.data && items.length === 0 && (
          <Empty icon={<Boxes size={20} />} title={t("groups.none")} action={create}>
            {t("groups.noneNote")}
          </Empty>
        )}
        <ul className={rows.list}>
          {items.map((group) => (
            <Row
              key={group.id}
              group={group}
              edit={() => setOpen({ kind: "edit", group })}
              remove={() => void remove(group)}
            />
          ))}
        </ul>
      </div>
      {open?.kind === "edit" && <GroupDialog group={open.group} close={close} />}
      {open?.kind === "remove" && <RemoveDialog group={open.group} others={items} close={close} />}
    </Page>
  );
}

interface RowProps {
  readonly group: Group;
  readonly edit: () => void;
  readonly remove: () => void;
}

function Row({ group, edit, remove }: RowProps) {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const nameOf = (id: string) => accounts.data?.find((account) => account.id === id)?.name ?? id.slice(0, 8);
  return (
    <li>
      <div className={rows.main}>
        <span className={rows.name}>{group.name}</span>
        {group.description && <span className={rows.sub}>{group.description}</span>}
        <div className={rows.words}>
          {group.accounts.map((id) => (
            <Badge key={id} variant="default" radius="sm" tt="none" fw={500}>
              {nameOf(id)}
            </Badge>
          ))}
          {group.accounts.length === 0 && (
            <Text size="sm" c="var(--warn)">
              {t("groups.noAccounts")}
            </Text>
          )}
        </div>
      </div>
      <div className={rows.side}>
        {group.keys === 0 ? (
          <Text c="dimmed" size="sm" px={8}>
            {t("groups.keys", { count: 0 })}
          </Text>
        ) : (
          <Button
            component={Link}
            href={`/keys?boundTo=group:${group.id}`}
            variant="subtle"
            color="gray"
            size="compact-sm"
            title={group.keyNames.join(t("common.listJoiner"))}
          >
            {t("groups.keys", { count: group.keys })}
          </Button>
        )}
        <ActionIcon aria-label={t("groups.editOf", { name: group.name })} onClick={edit}>
          <Pencil size={16} />
        </ActionIcon>
        <ActionIcon aria-label={t("groups.deleteOf", { name: group.name })} onClick={remove}>
          <Trash2 size={16} />
        </ActionIcon>
      </div>
    </li>
  );
}
