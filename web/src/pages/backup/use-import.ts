import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackupPlan } from "../../api/backup.ts";
import { importBackup, planBackup, readBase64 } from "../../api/backup.ts";
import { Refused } from "../../api/refused.ts";
import { ask } from "../../parts/ask.ts";

type Stage = "idle" | "reading" | "planning" | "planned" | "importing" | "imported" | "failed";

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
  const carryOut = async ({ kinds }: BackupPlan) => {
    const replaced = kinds.reduce((sum, kind) => sum + kind.different, 0);
    const isAdmin = kinds.some((kind) => kind.kind === "admin" && kind.new + kind.different > 0);
    const body = [t("backup.askBody", { count: replaced }), isAdmin ? t("backup.askAdmin") : ""].join(" ");
    if (!file || !(await ask({ title: t("backup.ask"), body, confirm: t("backup.importNow"), isDangerous: true })))
      return;
    setStage("importing");
    try {
      setPlan(await importBackup({ passphrase, file: await readBase64(file) }));
      setStage("imported");
    } catch (refusal) {
      fail(refusal);
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
