import { useState } from "react";
import { notifications } from "@mantine/notifications";
import { Check, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Account } from "../../api/accounts.ts";
import { testAccount } from "../../api/accounts.ts";
import { useFormat } from "../../parts/format.ts";
import { useTell } from "../../parts/tell.tsx";

/** Asks an account's provider for its models and tells what came of it; spends no tokens. */
export function useTest(account: Account) {
  const { t } = useTranslation();
  const format = useFormat();
  const tell = useTell();
  const [isTesting, setTesting] = useState(false);
  const test = async () => {
    setTesting(true);
    try {
      const report = await testAccount(account.id);
      notifications.show({
        title: account.name,
        message: report.isOk
          ? t("accounts.testOk", { count: report.models.length, ms: format.duration(report.latencyMs) })
          : report.message,
        color: report.isOk ? "teal" : "red",
        icon: report.isOk ? <Check size={16} /> : <TriangleAlert size={16} />,
        autoClose: report.isOk ? 5_000 : 15_000,
      });
    } catch (error) {
      tell.failed(error);
    } finally {
      setTesting(false);
    }
  };
  return { test: () => void test(), isTesting };
}
