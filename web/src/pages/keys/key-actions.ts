import { useTranslation } from "react-i18next";
import type { Key } from "../../api/keys.ts";
import { deleteKeys, purgeKey, restoreKeys, updateKeys } from "../../api/keys.ts";
import { useAct } from "../../parts/act.ts";
import { ask } from "../../parts/ask.ts";

/** What can be done to some keys at once; deleting and disabling can be taken back where they stand. */
export function useKeyActions() {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const turn = (ids: readonly string[], on: boolean) =>
    act(
      (tell) => updateKeys(ids, { isEnabled: on }, tell),
      t(on ? "keys.enabled" : "keys.disabled", { count: ids.length }),
      {
        run: () => updateKeys(ids, { isEnabled: !on }),
      },
    );
  const restore = (ids: readonly string[]) =>
    act((tell) => restoreKeys(ids, tell), t("keys.restored", { count: ids.length }));
  const remove = async (ids: readonly string[]) => {
    if (ids.length > 1) {
      const yes = await ask({
        title: t("keys.deleteTitle", { count: ids.length }),
        body: t("keys.deleteBody"),
        confirm: t("common.delete"),
        isDangerous: true,
      });
      if (!yes) return false;
    }
    return act((tell) => deleteKeys(ids, tell), t("keys.deleted", { count: ids.length }), {
      run: () => restoreKeys(ids),
    });
  };
  const purge = async (key: Key) => {
    const yes = await ask({
      title: t("keys.purgeTitle", { name: key.name }),
      body: t("keys.purgeBody"),
      confirm: t("keys.purge"),
      isDangerous: true,
      typed: key.name,
    });
    return yes && act(() => purgeKey(key.id), t("keys.purged", { name: key.name }));
  };
  return { turn, remove, restore, purge, isBusy };
}
