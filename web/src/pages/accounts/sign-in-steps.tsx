import {
  Alert,
  Anchor,
  Button,
  Collapse,
  Group,
  Loader,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ChevronDown, ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { finishSignIn, startSignIn } from "../../api/accounts.ts";
import type { Schemas } from "../../api/client.ts";
import { Copy } from "../../parts/copy.tsx";
import { countdown } from "../../parts/format.ts";
import { useNow } from "../../parts/now.ts";
import { useReason } from "../../parts/reason.ts";
import { kindOf } from "./kinds.ts";
import { ProxyInput } from "./proxy-dialog.tsx";
import classes from "./accounts.module.css";

interface Props {
  readonly kind: string;
  /** The account that signs in again; absent for a new one. */
  readonly account?: Account;
  readonly done: (account: Account) => void;
}

type Variant = "full" | "setup";
type Start = Schemas["AccountSignInStart"];

/** Connects by sign-in: open the link, paste the code, name the account; fifteen minutes from the link. */
export function SignInSteps({ kind, account, done }: Props) {
  const { t } = useTranslation();
  const [variant, setVariant] = useState<Variant>("full");
  const [proxy, setProxy] = useState("");
  const [isMore, setMore] = useState(false);
  const start = useMutation({ mutationFn: (body: Start) => startSignIn(body) });
  const begin = () =>
    start.mutate({
      kind: kind as Start["kind"],
      variant,
      ...(account ? { accountId: account.id } : {}),
      ...(proxy.trim() ? { proxy: proxy.trim() } : {}),
    });
  return (
    <ol className={classes.steps}>
      <li>
        <h3>{t("signInSteps.open")}</h3>
        {start.data ? (
          <LinkBox link={start.data} again={begin} />
        ) : (
          <Stack gap="sm" align="flex-start">
            <Text c="dimmed">{t("signInSteps.openNote", { kind: kindOf(kind).label })}</Text>
            {kind === "claude" && (
              <SegmentedControl
                value={variant}
                onChange={(value) => setVariant(value as Variant)}
                aria-label={t("signInSteps.variant")}
                data={[
                  { value: "full", label: t("signInSteps.full") },
                  { value: "setup", label: t("signInSteps.setup") },
                ]}
              />
            )}
            {kind === "claude" && (
              <Text c="dimmed">{t(variant === "full" ? "signInSteps.fullNote" : "signInSteps.setupNote")}</Text>
            )}
            <UnstyledButton onClick={() => setMore(!isMore)} aria-expanded={isMore}>
              <Text c="dimmed" size="sm">
                {t("accounts.proxy")} <ChevronDown size={13} aria-hidden />
              </Text>
            </UnstyledButton>
            <Collapse expanded={isMore} w="100%">
              <ProxyInput value={proxy} onChange={setProxy} />
            </Collapse>
            <Failed error={start.error} />
            <Button onClick={begin} loading={start.isPending}>
              {t("signInSteps.getLink")}
            </Button>
          </Stack>
        )}
      </li>
      <li>
        <h3>{t("signInSteps.paste")}</h3>
        {start.data ? (
          <Finish key={start.data.state} state={start.data.state} account={account} done={done} />
        ) : (
          <Text c="dimmed">{t("signInSteps.pasteNote")}</Text>
        )}
      </li>
    </ol>
  );
}

function LinkBox({ link, again }: { readonly link: Schemas["AccountSignInLink"]; readonly again: () => void }) {
  const { t } = useTranslation();
  const left = link.expiresAt - useNow();
  if (left <= 0) {
    return (
      <Alert color="yellow" role="alert" title={t("signInSteps.over")}>
        <Button variant="default" mt="xs" onClick={again}>
          {t("signInSteps.newLink")}
        </Button>
      </Alert>
    );
  }
  return (
    <Stack gap={6} align="flex-start">
      <Group gap="xs">
        <Button
          component="a"
          href={link.url}
          target="_blank"
          rel="noopener noreferrer"
          leftSection={<ExternalLink size={15} />}
        >
          {t("signInSteps.openLink")}
        </Button>
        <Copy text={link.url} label={t("signInSteps.copyLink")} />
      </Group>
      <Text c="dimmed" size="sm">
        {t("signInSteps.left")} <span className="tabular">{countdown(left)}</span> ·{" "}
        <Anchor component="button" type="button" size="sm" onClick={again}>
          {t("signInSteps.newLink")}
        </Anchor>
      </Text>
    </Stack>
  );
}

interface FinishProps {
  readonly state: string;
  readonly account: Account | undefined;
  readonly done: (account: Account) => void;
}

function Finish({ state, account, done }: FinishProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const finish = useMutation({
    mutationFn: () => finishSignIn({ state, code: code.trim(), ...(name.trim() ? { name: name.trim() } : {}) }),
    onSuccess: done,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        finish.mutate();
      }}
    >
      <Stack gap="sm">
        <Textarea
          aria-label={t("signInSteps.paste")}
          description={t("signInSteps.codeNote")}
          autosize
          minRows={2}
          maxRows={5}
          value={code}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {!account && (
          <TextInput
            label={t("accounts.name")}
            description={t("signInSteps.nameNote")}
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <Failed error={finish.error} />
        <Group>
          <Button type="submit" disabled={code.trim().length < 8} loading={finish.isPending}>
            {t(account ? "signInSteps.finishAgain" : "signInSteps.finish")}
          </Button>
          {finish.isPending && (
            <Text c="dimmed" size="sm" role="status">
              <Loader size={12} mr={6} /> {t("signInSteps.exchanging")}
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

export function Failed({ error }: { readonly error: unknown }) {
  const reason = useReason();
  if (!error) return null;
  const { title, detail } = reason(error);
  return (
    <Alert color="red" role="alert" title={title} w="100%">
      {detail}
    </Alert>
  );
}
