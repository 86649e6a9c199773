import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { Link } from "wouter";
import classes from "./page.module.css";

interface Props {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Where one came from, above the title. */
  readonly back?: { readonly href: string; readonly label: string };
  readonly isNarrow?: boolean;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

/** A page: its title (the tab's too), what it is for, what one can do, and its content. */
export function Page({ title, note, actions, back, isNarrow, beside, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Claude Relay`;
  }, [title]);
  return (
    <div className={isNarrow ? `${classes.page} ${classes.narrow}` : classes.page}>
      <header className={classes.head}>
        <div className={classes.words}>
          {back && (
            <Link href={back.href} className={classes.back}>
              <ChevronLeft size={15} aria-hidden />
              {back.label}
            </Link>
          )}
          <h1 className={classes.title}>
            {title} {beside}
          </h1>
          {note && <p className={classes.note}>{note}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
