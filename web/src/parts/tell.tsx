import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Check, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useReason } from "./reason.ts";

export interface Undo {
  run(): Promise<unknown>;
}

/** Tells what happened, in the corner: what was done (with a way back, where there is one) or why it was not. */
export function useTell() {
  const { t } = useTranslation();
  const reason = useReason();
  const failed = (error: unknown) => {
    const { title, detail } = reason(error);
    notifications.show({ title, message: detail, color: "red", icon: <TriangleAlert size={16} />, autoClose: 12_000 });
  };
  const done = (message: string, undo?: Undo) => {
    const id = crypto.randomUUID();
    const back = () => {
      notifications.hide(id);
      void undo?.run().then(() => done(t("common.undone")), failed);
    };
    notifications.show({
      id,
      message: (
        <>
          {message}{" "}
          {undo && (
            <Anchor component="button" type="button" fw={600} onClick={back}>
              {t("common.undo")}
            </Anchor>
          )}
        </>
      ),
      color: "teal",
      icon: <Check size={16} />,
      autoClose: undo ? 10_000 : 4_000,
    });
  };
  return { done, failed };
}
