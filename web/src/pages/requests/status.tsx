import { useTranslation } from "react-i18next";
import type { RequestRow } from "../../api/usage.ts";
import type { Tone } from "../../parts/state.tsx";
import classes from "./requests.module.css";
import { State } from "../../parts/state.tsx";

const tones: Record<RequestRow["outcome"], Tone> = {
  complete: "good",
  gone: "off",
  broken: "bad",
  failed: "bad",
  refused: "warn",
};

interface Props {
  readonly row: Pick<RequestRow, "status" | "outcome" | "failure">;
  /** The whole sentence, where there is room for it; else its code. */
  readonly isWhole?: boolean;
  /** The status alone, where a column of its own has the code. */
  readonly isShort?: boolean;
}

/** How a call ended: its status, and in words where that does not say it. */
export function Status({ row, isWhole, isShort }: Props) {
  const { t } = useTranslation();
  const isPlain = row.outcome === "complete" && row.status < 400;
  const tone =
    row.status >= 500 ? "bad" : row.outcome === "complete" && row.status >= 400 ? "warn" : tones[row.outcome];
  return (
    <State tone={tone}>
      <span className="tabular">{row.status}</span>
      {!isPlain && !isShort && (
        <span className={isWhole ? undefined : classes.code}>
          {(isWhole ? row.failure : row.failure?.split(":")[0]) ?? t(`outcomes.${row.outcome}`)}
        </span>
      )}
    </State>
  );
}
