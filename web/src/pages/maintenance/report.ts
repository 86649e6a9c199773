import { useTranslation } from "react-i18next";
import type { JobRun } from "../../api/maintenance.ts";
import { useFormat } from "../../parts/format.ts";

export interface Problem {
  readonly account: string;
  readonly reason: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const countOf = (value: unknown): number =>
  Array.isArray(value) ? value.length : typeof value === "number" ? value : 0;

/** Accounts whose sign-in was not renewed, and why. */
export function problemsOf({ report }: JobRun): Problem[] {
  const failed = report?.failed;
  if (!Array.isArray(failed)) return [];
  return failed.filter(isRecord).map(({ account, reason }) => ({ account: String(account), reason: String(reason) }));
}

/** What a run did, in a few words. */
export function useWords(): (run: JobRun) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ outcome, report }) => {
    if (outcome !== "done" || !report) return t(`maintenance.outcome.${outcome}`);
    const alerts = isRecord(report.alerts) ? report.alerts : {};
    const keys = isRecord(report.keys) ? report.keys : {};
    const counted = [
      ["events", report.events],
      ["dropped", report.dropped],
      ["unreadable", report.unreadable],
      ["renewed", report.renewed],
      ["failed", report.failed],
      ["left", report.left],
      ["cooldowns", report.cooldowns],
      ["alertsOn", alerts.active],
      ["alertsTold", alerts.told],
      ["resealed", keys.resealed],
    ] as const;
    const words = counted
      .filter(([, value]) => countOf(value) > 0)
      .map(([name, value]) =>
        t(`maintenance.did.${name}`, { count: countOf(value), number: format.number(countOf(value)) }),
      );
    if (report.end === "late" || report.end === "raced") words.push(t(`maintenance.end.${report.end}`));
    return words.length > 0 ? words.join(t("common.listJoiner")) : t("maintenance.outcome.done");
  };
}
