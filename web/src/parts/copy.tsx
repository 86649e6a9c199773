import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Check, Copy as CopyIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./copy.module.css";

/** A small button that copies a text and says so. */
export function Copy({ text, label }: { readonly text: string; readonly label?: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useClipboard({ timeout: 1500 });
  const words = copied ? t("common.copied") : (label ?? t("common.copy"));
  return (
    <Tooltip label={words}>
      <ActionIcon size="sm" aria-label={words} onClick={() => copy(text)}>
        {copied ? <Check size={14} /> : <CopyIcon size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useClipboard({ timeout: 1500 });
  return (
    <Button onClick={() => copy(text)} leftSection={copied ? <Check size={15} /> : <CopyIcon size={15} />}>
      {copied ? t("common.copied") : label}
    </Button>
  );
}

/** Text to be pasted elsewhere, in a box of its own with its place (a file, a terminal) and a copy button. */
export function Code({ text, place }: { readonly text: string; readonly place?: string }) {
  const code = (
    <pre className={classes.code} tabIndex={0}>
      {text}
    </pre>
  );
  return (
    <div className={classes.block}>
      {place === undefined ? (
        <div className={classes.corner}>
          <Copy text={text} />
        </div>
      ) : (
        <div className={classes.bar}>
          <span>{place}</span>
          <Copy text={text} />
        </div>
      )}
      {code}
    </div>
  );
}
