import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackupPlan } from "../../api/backup.ts";
import { importBackup, planBackup, readBase64 } from "../../api/backup.ts";
import { Refused } from "../../api/refused.ts";

type Stage = "idle" | "reading" | "planning" | "planned" | "importing" | "imported" | "failed";

/** That it is the operator who imports, not somebody who found the console open. */
export interface Proof {
  readonly password: string;
  readonly code?: string;
}

/** An import from the chosen file to the report; another file or passphrase begins anew. */
export function useImport(mostBytes: number) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File>();
  const [passphrase, setPhrase] = useState("");
  const [stage, setStage] = useState<Stage>("idle");
  const [plan, setPlan] = useState<BackupPlan>();
  const [error, setError] = useState<unknown>();
  const begin = (next: Stage) => {
    setStage(next);
    setPlan(undefined);
    setError(undefined);
  };
  const fail = (refusal: unknown) => {
    setError(refusal);
    setStage("failed");
  };
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    begin("idle");
    if (chosen.size > mostBytes) fail(tooLarge(t("backup.tooLarge", { most: mostBytes / 1e6 })));
  };
  const look = async () => {
    if (!file || file.size > mostBytes) return;
    begin("reading");
    try {
      const base64 = await readBase64(file);
      setStage("planning");
      setPlan(await planBackup({ passphrase, file: base64 }));
      setStage("planned");
    } catch (refusal) {
      fail(refusal);
    }
  };
  /** Rejects with what refused it: the dialog that asked for the words tells it. */
  const carryOut = async (proof: Proof) => {
    if (!file) return;
    setStage("importing");
    try {
      setPlan(await importBackup({ passphrase, file: await readBase64(file), ...proof }));
      setStage("imported");
    } catch (refusal) {
      setStage("planned");
      throw refusal;
    }
  };
  const isWrongPassphrase = error instanceof Refused && error.message.includes("passphrase is wrong");
  const change = (next: string) => {
    setPhrase(next);
    begin("idle");
  };
  return { file, choose, passphrase, setPassphrase: change, look, carryOut, stage, plan, error, isWrongPassphrase };
}

const tooLarge = (message: string) => new Refused(413, { code: "request.too-large", message });
