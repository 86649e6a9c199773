import { Alert, Button, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { FileLock2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackupPlan } from "../../api/backup.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { useFormat } from "../../parts/format.ts";
import { useReason } from "../../parts/reason.ts";
import rows from "../../parts/rows.module.css";
import { Steps } from "../../parts/steps.tsx";
import { useSecondFactor } from "../settings/second-factor.tsx";
import classes from "./backup.module.css";
import { Plan } from "./plan.tsx";
import { useImport, type Proof } from "./use-import.ts";

/** Back from a file: first what it would do, and only then, once that was seen, it is done. */
export function Import({ mostBytes }: { readonly mostBytes: number }) {
  const { t } = useTranslation();
  const { file, choose, passphrase, setPassphrase, look, carryOut, stage, plan, error, isWrongPassphrase } =
    useImport(mostBytes);
  const told = useReason()(error);
  const [isAsking, setAsking] = useState(false);
  const isBusy = stage === "reading" || stage === "planning" || stage === "importing";
  return (
    <>
      <form
        className={`card ${rows.section ?? ""}`}
        aria-label={t("backup.import")}
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <h2 className={rows.head}>{t("backup.import")}</h2>
        <Text c="dimmed" size="sm">
          {t("backup.importNote")}
        </Text>
        <div className={rows.fields}>
          <Drop file={file} choose={choose} isDisabled={isBusy} />
          <PasswordInput
            label={t("backup.passphraseOf")}
            autoComplete="off"
            value={passphrase}
            disabled={isBusy}
            error={isWrongPassphrase ? t("backup.wrongPassphrase") : undefined}
            visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
          />
        </div>
        <div className={rows.outcome}>
          {stage !== "idle" && <Progress stage={stage} />}
          {error !== undefined && !isWrongPassphrase && (
            <Alert color="red" role="alert" title={told.title}>
              {told.detail}
            </Alert>
          )}
        </div>
        {plan && <Plan plan={plan} isDone={stage === "imported"} />}
        <Group mt="lg" gap="xs">
          {stage === "planned" && plan && (
            <Button onClick={() => setAsking(true)} leftSection={<Upload size={16} />} disabled={!changes(plan)}>
              {t("backup.importNow")}
            </Button>
          )}
          {stage !== "imported" && (
            <Button
              type="submit"
              variant={stage === "planned" ? "default" : "filled"}
              disabled={!file || passphrase === ""}
              loading={isBusy}
            >
              {t(stage === "planned" ? "backup.lookAgain" : "backup.look")}
            </Button>
          )}
        </Group>
      </form>
      {isAsking && plan && <Confirm plan={plan} close={() => setAsking(false)} carryOut={carryOut} />}
    </>
  );
}

interface ConfirmProps {
  readonly plan: BackupPlan;
  readonly close: () => void;
  readonly carryOut: (proof: Proof) => Promise<void>;
}

/** A file may bring another password: who imports it shows that they know the present one. */
function Confirm({ plan: { kinds }, close, carryOut }: ConfirmProps) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const asksCode = useSecondFactor().data?.isOn ?? false;
  const replaced = kinds.reduce((sum, kind) => sum + kind.different, 0);
  const isAdmin = kinds.some((kind) => kind.kind === "admin" && kind.new + kind.different > 0);
  return (
    <Dialog
      title={t("backup.ask")}
      submit={t("backup.importNow")}
      close={close}
      save={() => carryOut({ password, ...(asksCode ? { code: code.trim() } : {}) })}
      isReady={password !== "" && (!asksCode || code.trim().length >= 6)}
      isDangerous
    >
      <Text>{[t("backup.askBody", { count: replaced }), isAdmin ? t("backup.askAdmin") : ""].join(" ")}</Text>
      <PasswordInput
        label={t("backup.password")}
        autoComplete="current-password"
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": t("common.showSecret") }}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {asksCode && (
        <TextInput
          label={t("secondFactor.code")}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
    </Dialog>
  );
}

const changes = ({ kinds }: BackupPlan) => kinds.some((kind) => kind.new > 0 || kind.different > 0);

type Stage = ReturnType<typeof useImport>["stage"];

const order = ["reading", "planning", "planned", "importing", "imported"] as const;

function Progress({ stage }: { readonly stage: Stage }) {
  const { t } = useTranslation();
  const at = stage === "failed" ? -1 : order.findIndex((each) => each === stage);
  if (stage === "idle" || at < 0) return null;
  const stateOf = (running: number) => (at > running ? "done" : at === running ? "running" : "waiting");
  return (
    <Steps
      steps={[
        { words: t("backup.reading"), state: stateOf(0) },
        { words: t("backup.planning"), state: stateOf(1) },
        { words: t("backup.importing"), state: stateOf(3) },
      ]}
    />
  );
}

interface DropProps {
  readonly file: File | undefined;
  readonly isDisabled: boolean;
  readonly choose: (file: File | undefined) => void;
}

/** A place to drop a file on, with a button for whoever drops nothing. */
function Drop({ file, isDisabled, choose }: DropProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  return (
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        choose(event.dataTransfer.files[0]);
      }}
    >
      <FileLock2 size={22} aria-hidden />
      <div>
        <b>{file?.name ?? t("backup.noFile")}</b>
        {file ? t("backup.size", { size: format.number(Math.ceil(file.size / 1024)) }) : t("backup.dropNote")}
      </div>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("backup.file")}
        onChange={(event) => {
          choose(event.currentTarget.files?.[0]);
          // So that the same file may be chosen once more.
          event.currentTarget.value = "";
        }}
      />
      <Button variant="default" size="xs" disabled={isDisabled} onClick={() => input.current?.click()}>
        {t(file ? "backup.chooseOther" : "backup.choose")}
      </Button>
    </div>
  );
}
