import { Button, CloseButton } from "@mantine/core";
import { ArchiveRestore, Ban, Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { KeyQuery } from "../../api/keys.ts";
import { readAllKeys } from "../../api/keys.ts";
import { useAct } from "../../parts/act.ts";
import { BulkEdit } from "./bulk-edit.tsx";
import { useKeyActions } from "./key-actions.ts";
import classes from "./keys.module.css";

interface Props {
  readonly chosen: ReadonlySet<string>;
  readonly choose: (next: ReadonlySet<string>) => void;
  readonly query: KeyQuery;
  readonly total: number;
}

/** What can be done with the chosen keys. */
export function BulkBar({ chosen, choose, query, total }: Props) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const { turn, remove, restore, isBusy: isActing } = useKeyActions();
  const [isEditing, setEditing] = useState(false);
  const ids = [...chosen];
  const clear = () => choose(new Set());
  const after = (done: boolean) => {
    if (done) clear();
  };
  const chooseAll = () => act(async (tell) => choose(new Set((await readAllKeys(query, tell)).map(({ id }) => id))));
  const small = { size: "compact-sm", variant: "subtle", color: "gray", disabled: isActing } as const;
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t("keys.bulk")}>
      <strong>{t("keys.chosen", { count: ids.length })}</strong>
      {ids.length < total && (
        <Button {...small} loading={isBusy} onClick={() => void chooseAll()}>
          {t("keys.chooseAll", { count: total })}
        </Button>
      )}
      <Button {...small} ml="auto" leftSection={<Pencil size={14} />} onClick={() => setEditing(true)}>
        {t("common.edit")}
      </Button>
      {query.state === "deleted" ? (
        <Button {...small} leftSection={<ArchiveRestore size={14} />} onClick={() => void restore(ids).then(after)}>
          {t("keys.restore")}
        </Button>
      ) : (
        <>
          <Button {...small} leftSection={<Play size={14} />} onClick={() => void turn(ids, true).then(after)}>
            {t("keys.enable")}
          </Button>
          <Button {...small} leftSection={<Ban size={14} />} onClick={() => void turn(ids, false).then(after)}>
            {t("keys.disable")}
          </Button>
          <Button
            {...small}
            color="red"
            leftSection={<Trash2 size={14} />}
            onClick={() => void remove(ids).then(after)}
          >
            {t("common.delete")}
          </Button>
        </>
      )}
      <CloseButton aria-label={t("keys.chooseNone")} onClick={clear} />
      {isEditing && <BulkEdit ids={ids} close={() => setEditing(false)} done={clear} />}
    </div>
  );
}
