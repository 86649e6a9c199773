import { Alert, Button, Collapse, Group, NumberInput, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Account, AccountDraft, TestReport } from "../../api/accounts.ts";
import { createAccount, testAccount, updateAccount } from "../../api/accounts.ts";
import { noAws } from "./aws-fields.tsx";
import type { Kind } from "./kinds.ts";
import { ProxyInput } from "./proxy-dialog.tsx";
import type { Given } from "./secret-field.tsx";
import { credentialOf, isGiven, SecretField } from "./secret-field.tsx";
import { Failed } from "./sign-in-steps.tsx";
import { type Vendor, VendorChoice } from "./vendor-choice.tsx";

interface Props {
  readonly kind: Kind;
  readonly done: (account: Account, report: TestReport) => void;
}

/** Connects an account by its secret, and tests it at once. */
export function SecretForm({ kind, done }: Props) {
  const { t } = useTranslation();
  const [isMore, setMore] = useState(kind.needsBaseUrl === true);
  const [made, setMade] = useState<Account>();
  const [given, setGiven] = useState<Given>({ secret: "", aws: noAws });
  const [vendor, setVendor] = useState<Vendor>();
  const form = useForm({
    initialValues: { name: "", baseUrl: "", proxy: "", priority: 50, settings: {} as Record<string, string> },
  });
  const save = useMutation({
    // The account that a first try made is mended, not made twice.
    async mutationFn() {
      const { name, baseUrl, proxy, priority, settings } = form.getValues();
      const filled = Object.entries({ ...vendor?.settings, ...settings });
      const kept = Object.fromEntries(filled.filter(([, value]) => value.trim() !== ""));
      const fields = {
        name: name.trim() || (vendor?.name ?? kind.label),
        credential: credentialOf(kind, given, vendor?.shownAs),
        priority,
        baseUrl: baseUrl.trim() || null,
        ...(proxy.trim() ? { proxy: proxy.trim() } : {}),
        ...(Object.keys(kept).length > 0 ? { settings: kept } : {}),
        ...(vendor ? { models: vendor.models } : {}),
      };
      const account = made
        ? await updateAccount(made.id, fields)
        : await createAccount({ ...fields, kind: kind.kind as AccountDraft["kind"] });
      setMade(account);
      const report = await testAccount(account.id);
      if (report.isOk) done(account, report);
      return { account, report };
    },
  });
  const refused = save.data && !save.data.report.isOk ? save.data : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack maw={560}>
        <VendorChoice
          kind={kind}
          vendor={vendor}
          choose={(chosen) => {
            setVendor(chosen);
            setMore(chosen !== undefined);
            form.setFieldValue("baseUrl", chosen?.baseUrl ?? "");
          }}
        />
        <SecretField kind={kind} value={given} onChange={setGiven} />
        {Object.entries(kind.settings ?? {}).map(([name, example]) => (
          <TextInput
            key={name}
            label={t(`accounts.${name as "region"}`)}
            placeholder={example}
            {...form.getInputProps(`settings.${name}`)}
            value={form.values.settings[name] ?? ""}
          />
        ))}
        <TextInput
          label={t("accounts.name")}
          description={t("accounts.nameNote")}
          placeholder={vendor?.name ?? kind.label}
          maxLength={120}
          {...form.getInputProps("name")}
        />
        <UnstyledButton onClick={() => setMore(!isMore)} aria-expanded={isMore}>
          <Text c="dimmed" size="sm">
            {t("accounts.more")} <ChevronDown size={13} aria-hidden />
          </Text>
        </UnstyledButton>
        <Collapse expanded={isMore}>
          <Stack>
            <TextInput
              label={t("accounts.baseUrl")}
              description={t("accounts.baseUrlNote")}
              placeholder="https://"
              inputMode="url"
              {...form.getInputProps("baseUrl")}
            />
            <ProxyInput value={form.values.proxy} onChange={(proxy) => form.setFieldValue("proxy", proxy)} />
            <NumberInput
              label={t("accounts.priority")}
              description={t("accounts.priorityNote")}
              min={0}
              max={1000}
              {...form.getInputProps("priority")}
            />
          </Stack>
        </Collapse>
        <Failed error={save.error} />
        {refused && (
          <Alert color="red" role="alert" title={t("accounts.testFailed")}>
            <Text mb="xs">{refused.report.message}</Text>
            <Text c="dimmed" mb="sm">
              {t("accounts.testFailedNote")}
            </Text>
            <Button size="xs" variant="default" onClick={() => done(refused.account, refused.report)}>
              {t("accounts.keepAnyway")}
            </Button>
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!isGiven(kind, given)}>
            {t(refused ? "accounts.tryAgain" : "accounts.connectAndTest")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
