import { Anchor, Progress as Meter } from "@mantine/core";
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
  return { done, failed, progress: () => progress(t("common.working")) };
}

export type Progress = (done: number, of: number) => void;

/** How far long work is, in the corner: appears with the first step that is not the last. */
function progress(label: string): { tell: Progress; end(): void } {
  const id = crypto.randomUUID();
  let isShown = false;
  const tell: Progress = (done, of) => {
    if (done >= of && !isShown) return;
    const message = <Bar label={label} share={done / of} words={`${done} / ${of}`} />;
    const look = { id, message, loading: true, autoClose: false, withCloseButton: false } as const;
    if (isShown) notifications.update(look);
    else notifications.show(look);
    isShown = true;
  };
  return { tell, end: () => notifications.hide(id) };
}

function Bar({ label, share, words }: { readonly label: string; readonly share: number; readonly words: string }) {
  return (
    <>
      <span className="tabular">{words}</span>
      <Meter value={share * 100} aria-label={label} mt={6} />
    </>
  );
}
