import type { TFunction } from "i18next";

/** What the server says of accounts that were not tried (select.ts), in the reader's language; a provider's own words stay. */
const worded: readonly [RegExp, (found: readonly string[], t: TFunction) => string][] = [
  [/^paused by an operator$/, (_, t) => t("passed.paused")],
  [/^stopped: (.*)$/s, ([, why], t) => t("passed.stopped", { why })],
  [/^has no credential$/, (_, t) => t("passed.noCredential")],
  [/^the key may not use (.*)$/, ([, service], t) => t("passed.service", { service })],
  [/^is dedicated to other keys$/, (_, t) => t("passed.dedicated")],
  [/^is not what the key is bound to$/, (_, t) => t("passed.notBound")],
  [/^is a sign-in account: it serves (.*) only$/, ([, client], t) => t("passed.signIn", { client })],
  [/^does not serve the model (.*)$/, ([, model], t) => t("passed.model", { model })],
  [/^serves from (\S+) to (\S+) only$/, ([, from, to], t) => t("passed.hours", { from, to })],
  [/^rests: (.*)$/s, ([, why], t) => t("passed.rests", { why })],
  [/^served$/, (_, t) => t("passed.served")],
];

export function reasonWords(reason: string, t: TFunction): string {
  for (const [pattern, words] of worded) {
    const found = pattern.exec(reason);
    if (found) return words(found, t);
  }
  return reason;
}
