import { Button, Text } from "@mantine/core";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createHandover } from "../../api/keys.ts";
import { useRelayUrl } from "../../api/settings.ts";
import { useAct } from "../../parts/act.ts";
import { Code, Copy, CopyButton } from "../../parts/copy.tsx";
import { useFormat } from "../../parts/format.ts";
import classes from "./keys.module.css";

interface Props {
  readonly id: string;
  readonly secret: string;
}

/** A secret that is shown this once: it lives in this component's props and is gone with the page. */
export function Secret({ id, secret }: Props) {
  const { t } = useTranslation();
  const url = useRelayUrl();
  const format = useFormat();
  const { act, isBusy } = useAct();
  const [link, setLink] = useState<{ token: string; expiresAt: number }>();
  return (
    <>
      <div className={classes.secret}>
        <code data-testid="secret">{secret}</code>
        <CopyButton text={secret} label={t("keys.copySecret")} />
        <Copy text={t("keys.message", { url, secret, page: `${url}/web/key` })} label={t("keys.copyMessage")} />
        {!link && (
          <Button
            variant="default"
            leftSection={<Link2 size={15} />}
            loading={isBusy}
            onClick={() => void act(async () => setLink(await createHandover(id, secret)))}
          >
            {t("keys.link")}
          </Button>
        )}
      </div>
      {link && (
        <div>
          <Text c="dimmed" size="sm" my={6}>
            {t("keys.linkNote", { at: format.time(link.expiresAt) })}
          </Text>
          <Code text={`${url}/web/key#hand-over=${link.token}`} place={t("keys.linkPlace")} />
        </div>
      )}
    </>
  );
}
