import { kindOf } from "./kinds.ts";
import classes from "./accounts.module.css";

/** The letters of an account's kind, for the eye; its name stands beside it. */
export function Sign({ kind }: { readonly kind: string }) {
  const { sign, colour } = kindOf(kind);
  return (
    <span className={classes.sign} style={{ background: colour }} aria-hidden>
      {sign}
    </span>
  );
}
