import { Button, Skeleton, Stack } from "@mantine/core";
import { CloudOff, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useReason } from "./reason.ts";
import classes from "./empty.module.css";

interface Props {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing is here, and what to do about it. */
export function Empty({ icon, title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <div className={classes.icon} aria-hidden>
        {icon}
      </div>
      <h2 className={classes.title}>{title}</h2>
      {children && <p className={classes.words}>{children}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}

/** Something could not be read: what happened, what it means, and another try. */
export function Failing({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { t } = useTranslation();
  const { title, detail } = useReason()(error);
  return (
    <div role="alert">
      <Empty
        icon={<CloudOff size={20} />}
        title={title}
        action={
          retry && (
            <Button variant="default" leftSection={<RotateCw size={15} />} onClick={retry}>
              {t("common.retry")}
            </Button>
          )
        }
      >
        {detail}
      </Empty>
    </div>
  );
}

/** The outline of what is on its way. */
export function Loading({ rows = 6, height = 44 }: { readonly rows?: number; readonly height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap={8} role="status" aria-label={t("common.loading")} p="md">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="md" style={{ opacity: 1 - index / (rows + 2) }} />
      ))}
    </Stack>
  );
}
