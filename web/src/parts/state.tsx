import type { ReactNode } from "react";
import classes from "./state.module.css";

export type Tone = "good" | "warn" | "bad" | "off";

/** A dot and words: the colour never says it alone. */
export function State({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={classes.state}>
      <span className={`${classes.dot} ${classes[tone] ?? ""}`} aria-hidden />
      {children}
    </span>
  );
}
