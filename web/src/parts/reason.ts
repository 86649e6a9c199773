import { useTranslation } from "react-i18next";
import { Refused } from "../api/refused.ts";

const worded = [
  "unreachable",
  "unreadable",
  "request.malformed",
  "request.too-large",
  "record.unknown",
  "record.conflict",
  "session.missing",
  "session.csrf",
  "login.wrong",
  "login.code-wrong",
  "login.passkey-wrong",
  "passkey.none",
  "passkey.elsewhere",
  "passkey.known",
  "login.throttled",
  "login.insecure",
  "upstream.unreachable",
  "upstream.timeout",
  "upstream.refused",
  "credential.rejected",
  "store.unavailable",
  "platform.draining",
  "route.unknown",
  "key.unknown",
  "key.disabled",
  "key.expired",
  "internal",
] as const;
type Code = (typeof worded)[number];

/** Of these the console says more than the server, or the browser, does. */
const ownWords = new Set<string>([
  ...["unreachable", "unreadable", "store.unavailable", "login.wrong", "login.code-wrong"],
  ...["passkey.none", "passkey.elsewhere", "passkey.known"],
]);
const isWorded = (code: string): code is Code => (worded as readonly string[]).includes(code);
const dashed = (code: Code) => code.replaceAll(".", "-") as "internal";

export interface Reason {
  readonly title: string;
  readonly detail: string | undefined;
}

/** Words for what went wrong: a title in the reader's language, and the server's own sentence where it says more. */
export function useReason(): (error: unknown) => Reason {
  const { t } = useTranslation();
  return (error) => {
    const code = error instanceof Refused && isWorded(error.code) ? error.code : "internal";
    const told = error instanceof Error ? error.message : String(error);
    const title = t(`failure.${dashed(code)}.title`);
    const hint = t(`failure.${dashed(code)}.detail`);
    const isOwnWord = !(error instanceof Refused) || ownWords.has(code);
    return { title, detail: isOwnWord ? hint : told };
  };
}
