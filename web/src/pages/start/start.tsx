import { Button, Group, NumberInput, Text, TextInput } from "@mantine/core";
import { ArrowRight, Check } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../api/accounts.ts";
import { useAccounts } from "../../api/accounts.ts";
import type { KeyWithSecret } from "../../api/keys.ts";
import { createKey } from "../../api/keys.ts";
import { useAct } from "../../parts/act.ts";
import { Failing, Loading } from "../../parts/empty.tsx";
import { Page } from "../../parts/page.tsx";
import { Connect } from "../accounts/connect.tsx";
import { Secret } from "../keys/secret.tsx";
import { UseIt } from "./use-it.tsx";
import classes from "./start.module.css";

/** The guided path from nothing to the first request: an account, a key, a program. */
export default function Start() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  if (!accounts.data) {
    return (
      <Page isNarrow title={t("start.title")}>
        {accounts.isError ? <Failing error={accounts.error} retry={() => void accounts.refetch()} /> : <Loading />}
      </Page>
    );
  }
  return <Path accounts={accounts.data} />;
}

function Path({ accounts }: { readonly accounts: readonly Account[] }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState("");
  // An account that was there before needs no step; one that is connected here is first shown with its test.
  const [hasAccount, setHasAccount] = useState(accounts.length > 0);
  const [key, setKey] = useState<KeyWithSecret>();
  const state = (isDone: boolean, isNow: boolean): StepState => (isDone ? "done" : isNow ? "now" : "later");
  return (
    <Page isNarrow title={t("start.title")} note={t("start.note")}>
      <ol className={classes.steps}>
        <Step
          number={1}
          state={state(hasAccount, !hasAccount)}
          title={t("start.account")}
          note={t("start.accountNote")}
        >
          {hasAccount ? (
            <Text c="dimmed">{accounts.map(({ name }) => name).join(t("common.listJoiner"))}</Text>
          ) : (
            <Connect
              key={kind}
              kind={kind}
              choose={setKind}
              next={() => (
                <Button rightSection={<ArrowRight size={15} />} onClick={() => setHasAccount(true)}>
                  {t("start.goOn")}
                </Button>
              )}
            />
          )}
        </Step>
        <Step
          number={2}
          state={state(key !== undefined, hasAccount && !key)}
          title={t("start.key")}
          note={t("start.keyNote")}
        >
          {hasAccount && !key && <FirstKey done={setKey} />}
          {key && (
            <>
              <Text c="dimmed" mb="xs">
                {t("keys.once")}
              </Text>
              <Secret id={key.id} secret={key.secret} />
            </>
          )}
        </Step>
        <Step number={3} state={state(false, key !== undefined)} title={t("start.use")} note={t("start.useNote")}>
          {key && <UseIt secret={key.secret} keyId={key.id} />}
        </Step>
      </ol>
    </Page>
  );
}

type StepState = "done" | "now" | "later";

interface StepProps {
  readonly number: number;
  readonly state: StepState;
  readonly title: string;
  readonly note: string;
  readonly children: ReactNode;
}

function Step({ number, state, title, note, children }: StepProps) {
  return (
    <li className={classes.step} data-state={state} aria-current={state === "now" ? "step" : undefined}>
      <span className={classes.number} aria-hidden>
        {state === "done" ? <Check size={16} /> : number}
      </span>
      <div>
        <h2 className={classes.head}>{title}</h2>
        <Text c="dimmed">{note}</Text>
        <div className={classes.body}>{children}</div>
      </div>
    </li>
  );
}

function FirstKey({ done }: { readonly done: (key: KeyWithSecret) => void }) {
  const { t } = useTranslation();
  const { act, isBusy } = useAct();
  const [name, setName] = useState("");
  const [dailyCostUsd, setDaily] = useState(0);
  return (
    <form
      className="card"
      style={{ padding: 20 }}
      onSubmit={(event) => {
        event.preventDefault();
        void act(async () =>
          done(await createKey({ name: name.trim(), ...(dailyCostUsd > 0 ? { dailyCostUsd } : {}) })),
        );
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t("keyFields.name.label")}
          placeholder={t("start.keyName")}
          value={name}
          maxLength={120}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NumberInput
          label={t("keyFields.dailyCostUsd.label")}
          prefix="$"
          min={0}
          hideControls
          placeholder={t("keys.noLimit")}
          value={dailyCostUsd || ""}
          onChange={(value) => setDaily(Number(value) || 0)}
        />
        <Button type="submit" loading={isBusy} disabled={name.trim() === ""}>
          {t("common.createKey")}
        </Button>
        <Button component={Link} href="/keys/new" variant="subtle" color="gray">
          {t("start.allLimits")}
        </Button>
      </Group>
    </form>
  );
}
