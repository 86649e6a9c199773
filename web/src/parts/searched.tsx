import { Button, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "./format.ts";

interface Props {
  readonly at: { readonly at: number; readonly share: number } | undefined;
  readonly isRunning: boolean;
  readonly stop: () => void;
  readonly goOn: () => void;
}

/** How far a search of the log has come, and the way to stop it or to go on. */
export function Searched({ at, isRunning, stop, goOn }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {isRunning && <Loader size={14} aria-hidden />}
      {at ? t("log.looked", { at: format.time(at.at), share: format.percent(at.share) }) : t("log.looking")}
      <Button size="compact-sm" variant="default" onClick={isRunning ? stop : goOn}>
        {t(isRunning ? "log.stop" : "log.goOn")}
      </Button>
    </>
  );
}
