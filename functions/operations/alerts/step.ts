import { isCritical, type Alert, type Notice } from "./alert.ts";

/** An alert that is on. */
export interface Active {
  readonly alert: Alert;
  readonly sinceAt: number;
  /** When the channels were last told; undefined: not yet, because of quiet hours. */
  readonly toldAt?: number;
  /** Channels that did not take the last message, and how often they were tried. */
  readonly owed?: readonly string[];
  readonly tries?: number;
}

export interface Past {
  readonly at: number;
  readonly turn: Notice["turn"];
  readonly alert: Alert;
  /** What each channel said that did not take it. */
  readonly failed: readonly { readonly channel: string; readonly error: string }[];
}

/** All that is kept of alerts, under one name. The newest of what was told first. */
export interface AlertState {
  readonly active: Readonly<Record<string, Active>>;
  readonly history: readonly Past[];
}

export const noAlerts: AlertState = { active: {}, history: [] };

export interface Moment {
  readonly now: number;
  /** Only what is critical is told. */
  readonly isQuiet: boolean;
  /** 0: never. */
  readonly reminderMs: number;
}

const mostTries = 5;

/** What is on now, and what is to be told of it: each alert once until it is over, again after a while, and its end. */
export function step(
  active: AlertState["active"],
  found: readonly Alert[],
  moment: Moment,
): { active: Record<string, Active>; notices: Notice[] } {
  const notices: Notice[] = [];
  const next: Record<string, Active> = {};
  for (const alert of found) {
    const known = active[alert.id] ?? { alert, sinceAt: moment.now };
    const notice = noticeOf({ ...known, alert }, moment);
    if (notice) notices.push(notice);
    next[alert.id] = notice && !notice.to ? told({ ...known, alert }, moment.now) : { ...known, alert };
  }
  for (const [id, { alert, sinceAt, toldAt }] of Object.entries(active)) {
    if (next[id] || toldAt === undefined) continue;
    // What nobody may be woken by is over without a word; the console shows that it is.
    if (!moment.isQuiet || isCritical[alert.rule]) notices.push({ turn: "cleared", alert, sinceAt });
  }
  return { active: next, notices };
}

function noticeOf({ alert, sinceAt, toldAt, owed = [], tries = 0 }: Active, moment: Moment): Notice | undefined {
  if (moment.isQuiet && !isCritical[alert.rule]) return undefined;
  if (toldAt === undefined) return { turn: "raised", alert, sinceAt };
  const isDue = moment.reminderMs > 0 && moment.now - toldAt >= moment.reminderMs;
  if (isDue) return { turn: "reminder", alert, sinceAt };
  return owed.length > 0 && tries < mostTries ? { turn: "raised", alert, sinceAt, to: owed } : undefined;
}

function told({ alert, sinceAt }: Active, now: number): Active {
  return { alert, sinceAt, toldAt: now };
}
