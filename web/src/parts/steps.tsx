import { Loader } from "@mantine/core";
import { Check, Circle, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "./format.ts";
import classes from "./steps.module.css";

export interface Step {
  readonly words: string;
  readonly state: "waiting" | "running" | "done" | "failed";
}

/** Long work, step by step, with the time that it has taken so far: something moves, and one sees what. */
export function Steps({ steps }: { readonly steps: readonly Step[] }) {
  const { t } = useTranslation();
  const isRunning = steps.some(({ state }) => state === "running");
  return (
    <div className={classes.steps} role="status" aria-label={t("common.working")}>
      <ol>
        {steps.map(({ words, state }) => (
          <li key={words} data-state={state}>
            <span className={classes.sign} aria-hidden>
              {state === "running" && <Loader size={14} />}
              {state === "done" && <Check size={15} />}
              {state === "failed" && <X size={15} />}
              {state === "waiting" && <Circle size={13} />}
            </span>
            {words}
          </li>
        ))}
      </ol>
      {isRunning && <Elapsed />}
    </div>
  );
}

function Elapsed() {
  const format = useFormat();
  const [ms, setMs] = useState(0);
  useEffect(() => {
    const startedAt = performance.now();
    const timer = setInterval(() => setMs(performance.now() - startedAt), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className={classes.elapsed} aria-hidden>
      {format.duration(Math.round(ms / 500) * 500)}
    </span>
  );
}
