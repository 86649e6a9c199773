import { ActionIcon, Menu } from "@mantine/core";
import { ArchiveRestore, Ban, CopyPlus, Ellipsis, Pencil, Play, Terminal, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Key } from "../../api/keys.ts";
import { useKeyActions } from "./key-actions.ts";

interface Props {
  readonly apiKey: Key;
}

/** Only a button until it is asked for: a menu in each of the rows that scroll by would cost more than the rest of the row. */
export function KeyMenu({ apiKey }: Props) {
  const { t } = useTranslation();
  const [isWanted, setWanted] = useState(false);
  if (isWanted) return <OpenMenu apiKey={apiKey} />;
  return (
    <ActionIcon
      aria-label={t("keys.actionsOf", { name: apiKey.name })}
      aria-haspopup="menu"
      onClick={() => setWanted(true)}
    >
      <Ellipsis size={17} />
    </ActionIcon>
  );
}

function OpenMenu({ apiKey: key }: Props) {
  const { t } = useTranslation();
  const { turn, remove, restore, purge, isBusy } = useKeyActions();
  const { id, name } = key;
  return (
    <Menu width={200} defaultOpened>
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
        <Menu.Item component={Link} href={`/keys/new?from=${id}`} leftSection={<CopyPlus size={15} />}>
          {t("keys.duplicate")}
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
