import type { Run } from "./command.ts";
import { checkClock } from "../doctor/clock.ts";
import { tellFinding, type Finding } from "../doctor/finding.ts";
import { checkMessage } from "../doctor/message.ts";
import { checkOutside } from "../doctor/outside.ts";
import { checkQStash } from "../doctor/qstash.ts";
import { checkSettings } from "../doctor/settings.ts";
import { checkStore } from "../doctor/store.ts";

/** Any provider's front door knows the time. */
const timeReference = "https://api.anthropic.com";

/**
 * Looks at a deployment from all sides and prints a line for each look, with a remedy where something is wrong. It changes
 * nothing that stays. The exit status is 1 if something is wrong, 0 if not: notes alone are no fault.
 */
export const runDoctor: Run = async (_files, flags, { environment, say }) => {
  let [wrong, notes] = [0, 0];
  const tell = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      if (finding.state === "bad") wrong += 1;
      if (finding.state === "warn") notes += 1;
      tellFinding(finding).forEach(say);
    }
  };
  const isOutsideOnly = flags.url !== undefined && !environment.JWT_SECRET;
  const { config, findings } = isOutsideOnly ? { config: undefined, findings: [] } : checkSettings(environment);
  tell(findings);
  tell([await checkClock(flags.clock ?? timeReference, Date.now)]);
  if (config) {
    const store = await checkStore(config);
    tell(store);
    if (store.every(({ state, what }) => state !== "bad" || what !== "store")) tell([await checkMessage(config)]);
  }
  const url = flags.url ?? (environment.PUBLIC_URL?.trim() || environment.RENDER_EXTERNAL_URL);
  const base = url || `http://127.0.0.1:${environment.PORT || 3000}`;
  if (URL.canParse(base)) {
    tell(await checkOutside(base, config));
    if (config) tell(await checkQStash(base.replace(/\/+$/, ""), config));
  }
  const sum = wrong === 0 ? "Nothing is wrong" : `${wrong} thing${wrong === 1 ? " is" : "s are"} wrong`;
  say(`${sum}${notes === 0 ? "." : `, ${notes} to know.`}`);
  return wrong === 0 ? 0 : 1;
};
