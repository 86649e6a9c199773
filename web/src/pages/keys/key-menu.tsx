import { ActionIcon, Menu } from "@mantine/core";
import { ArchiveRestore, Ban, Ellipsis, Pencil, Play, Terminal, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Key } from "../../api/keys.ts";
import { useKeyActions } from "./key-actions.ts";

export function KeyMenu({ apiKey: key }: { readonly apiKey: Key }) {
  const { t } = useTranslation();
  const { turn, remove, restore, purge, isBusy } = useKeyActions();
  const { id, name } = key;
  return (
    <Menu width={200}>
      <Menu.Target>
        <ActionIcon aria-label={t("keys.actionsOf", { name })} loading={isBusy}>
          <Ellipsis size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href={`/keys/${id}?tab=settings`} leftSection={<Pencil size={15} />}>
          {t("common.edit")}
        </Menu.Item>
        <Menu.Item component={Link} href={`/keys/${id}?tab=use`} leftSection={<Terminal size={15} />}>
          {t("useIt.title")}
        </Menu.Item>
        <Menu.Divider />
        {key.state === "deleted" ? (
          <>
            <Menu.Item leftSection={<ArchiveRestore size={15} />} onClick={() => void restore([id])}>
              {t("keys.restore")}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => void purge(key)}>
              {t("keys.purge")}…
            </Menu.Item>
          </>
        ) : (
          <>
            <Menu.Item
              leftSection={key.isEnabled ? <Ban size={15} /> : <Play size={15} />}
              onClick={() => void turn([id], !key.isEnabled)}
            >
              {t(key.isEnabled ? "keys.disable" : "keys.enable")}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => void remove([id])}>
              {t("common.delete")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
