import { Alert, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { LogOut, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Own } from "../../api/holder.ts";
import { openHandover, readModels, readOwn } from "../../api/holder.ts";
import { usePulse } from "../../api/pulse.ts";
import { LimitMeter, Stat, Stats } from "../../parts/figures.tsx";
import { useFormat } from "../../parts/format.ts";
import { LanguageSwitch, SchemeSwitch } from "../../parts/preferences.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Refused } from "../../api/refused.ts";
import { Code } from "../../parts/copy.tsx";
import { Failed } from "../accounts/sign-in-steps.tsx";
import { describeKey } from "../keys/describe.ts";
import { UseIt } from "../start/use-it.tsx";
import classes from "./holder.module.css";

/** For whoever has a key: its limits, its use, how to set it up. The key lives in this page's memory and is gone with it. */
export default function Holder() {
  const { t } = useTranslation();
  const [secret, setSecret] = useState("");
  const [token, setToken] = useState(() => /^#hand-over=(\w+)$/.exec(location.hash)?.[1]);
  const [isGiven, setGiven] = useState(false);
  const pulse = usePulse(60_000);
  const own = useQuery({
    queryKey: ["own", secret],
    queryFn: () => readOwn(secret),
    enabled: secret !== "",
    retry: false,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data ? pulse : false),
  });
  useEffect(() => {
    document.title = `${t("holder.title")} · Claude Relay`;
  }, [t]);
  return (
    <main className={classes.page}>
      <div className={classes.top}>
        <span className={classes.brand}>
          <Mark /> Claude Relay
        </span>
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
      {isGiven && secret !== "" && (
        <Alert color="yellow" mb="md">
          <Stack align="flex-start">
            <Text fw={600}>{t("holder.keep")}</Text>
            <Code text={secret} place={t("useIt.paste")} />
          </Stack>
        </Alert>
      )}
      {token !== undefined ? (
        <Given
          token={token}
          done={(given) => {
            setSecret(given);
            setGiven(true);
            setToken(undefined);
            history.replaceState(null, "", location.pathname);
          }}
        />
      ) : own.data ? (
        <Shown
          own={own.data}
          secret={secret}
          actions={
            <>
              <Button
                variant="default"
                leftSection={<RotateCw size={15} />}
                loading={own.isFetching}
                onClick={() => void own.refetch()}
              >
                {t("requests.refresh")}
              </Button>
              <Button variant="default" leftSection={<LogOut size={15} />} onClick={() => setSecret("")}>
                {t("holder.forget")}
              </Button>
            </>
          }
        />
      ) : (
        <Ask ask={setSecret} isBusy={own.isLoading} error={own.error} />
      )}
    </main>
  );
}

interface GivenProps {
  readonly token: string;
  readonly done: (secret: string) => void;
}

/** Opened by a button, since programs that look at links in messages would use it up. */
function Given({ token, done }: GivenProps) {
  const { t } = useTranslation();
  const opening = useMutation({ mutationFn: () => openHandover(token), onSuccess: done });
  const code = opening.error instanceof Refused ? opening.error.code : undefined;
  const end = { "record.unknown": t("holder.linkOver"), "record.conflict": t("holder.linkUsed") }[code ?? ""];
  return (
    <section className={`card ${classes.ask}`}>
      <h1>{t("holder.given")}</h1>
      {end ? (
        <Alert color="red" role="alert">
          {end}
        </Alert>
      ) : (
        <Stack>
          <Text c="dimmed">{t("holder.givenNote")}</Text>
          <Failed error={opening.error} />
          <Button loading={opening.isPending} onClick={() => opening.mutate()}>
            {t("holder.open")}
          </Button>
        </Stack>
      )}
    </section>
  );
}

interface AskProps {
  readonly ask: (secret: string) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
}

function Ask({ ask, isBusy, error }: AskProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  return (
    <form
      className={`card ${classes.ask}`}
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed.trim());
      }}
    >
      <h1>{t("holder.title")}</h1>
      <Stack>
        <Text c="dimmed">{t("holder.note")}</Text>
        <Failed error={error} />
        <PasswordInput
          label={t("useIt.paste")}
          placeholder="cr_…"
          autoComplete="off"
          autoFocus
          value={typed}
          visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy} disabled={typed.trim() === ""}>
          {t("holder.show")}
        </Button>
      </Stack>
    </form>
  );
}

interface ShownProps {
  readonly own: Own;
  readonly secret: string;
  readonly actions: ReactNode;
}

function Shown({ own: { key, usage, limits }, secret, actions }: ShownProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const rights = describeKey(
    {
      permissions: [...key.permissions] as [],
      clients: [...key.clients] as [],
      allowedModels: [...key.models.allowed],
      blockedModels: [...key.models.blocked],
      expiresAt: key.expiresAt === null ? null : Date.parse(key.expiresAt),
    },
    { t, format },
  );
  return (
    <>
      <div className={classes.head}>
        <div>
          <h1>{key.name}</h1>
          <p>
            <span className="mono">{key.prefix}…</span>
            {rights.length > 0 && ` · ${rights.join(" · ")}`}
          </p>
        </div>
        <Button.Group>{actions}</Button.Group>
      </div>
      <Stats>
        {(["today", "week", "total"] as const).map((span) => (
          <Stat
            key={span}
            label={t(`holder.${span}`)}
            value={format.usd(usage[span].costUsd)}
            under={`${t("usage.requestsCount", { count: usage[span].requests })} · ${t("usage.tokensCount", { tokens: format.compact(usage[span].tokens) })}`}
          />
        ))}
      </Stats>
      <section className={`card ${classes.box}`}>
        <h2>{t("keys.limits")}</h2>
        {limits.length === 0 && <Text c="dimmed">{t("holder.unlimited")}</Text>}
        {limits.map(({ resetsAt, ...limit }) => (
          <LimitMeter
            key={limit.name}
            limit={{ ...limit, reserved: 0, resetAt: resetsAt === null ? null : Date.parse(resetsAt) }}
          />
        ))}
      </section>
      <Models secret={secret} />
      <UseIt secret={secret} />
    </>
  );
}

function Models({ secret }: { readonly secret: string }) {
  const { t } = useTranslation();
  // Asked once: it asks the providers.
  const models = useQuery({
    queryKey: ["own", "models", secret],
    queryFn: () => readModels(secret),
    staleTime: Infinity,
    gcTime: 0,
  });
  if (!models.data || models.data.length === 0) return null;
  return (
    <section className={`card ${classes.box}`}>
      <h2>{t("holder.models")}</h2>
      <ul className={classes.models}>
        {models.data.map((model) => (
          <li key={model}>{model}</li>
        ))}
      </ul>
    </section>
  );
}
