import type { Env } from "../../env.ts";
import { isError } from "../../core/usage/totals.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import { tokenCount, totalTokens } from "../../core/money/usage.ts";
import { idMs, readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import * as shape from "./schema.ts";
import { usd } from "./view.ts";

const minuteMs = 60_000;
const page = 1_000;
const mostPages = 5;

export const usageLiveOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/live",
    id: "getUsageLive",
    summary: "The last minutes, by when calls ended; one command for a thousand calls, five at most.",
    query: shape.LiveQuery,
    answer: shape.Live,
    async run({ query }, env) {
      const now = env.now();
      const length = query.minutes ?? 5;
      const since = (Math.floor(now / minuteMs) - length) * minuteMs;
      const { ended, isWhole } = await readEnded(since, env);
      const minutes = Array.from({ length: length + 1 }, (_, index) => sumMinute(ended, since + index * minuteMs));
      const whole = minutes.slice(0, length);
      const mean = (name: "requests" | "tokens") => whole.reduce((sum, minute) => sum + minute[name], 0) / length;
      return { at: now, minutes, requestsPerMinute: mean("requests"), tokensPerMinute: mean("tokens"), isWhole };
    },
  }),
];

interface Ended {
  readonly at: number;
  readonly event: UsageEvent;
}

async function readEnded(since: number, env: Env): Promise<{ ended: Ended[]; isWhole: boolean }> {
  const ended = new Map<string, Ended>();
  let before = "+";
  for (let pages = 0; pages < mostPages; pages += 1) {
    const entries = await env.store.readLogBackwards(usageLog, before, page);
    for (const entry of entries) {
      if (idMs(entry.id) < since) return { ended: [...ended.values()], isWhole: true };
      const { event } = readEntry(entry);
      if (event) ended.set(event.id, { at: event.at + event.ms.total, event });
    }
    if (entries.length < page) return { ended: [...ended.values()], isWhole: true };
    before = entries.at(-1)?.id ?? before;
  }
  return { ended: [...ended.values()], isWhole: false };
}

function sumMinute(ended: readonly Ended[], startAt: number) {
  const events = ended.filter(({ at }) => at >= startAt && at < startAt + minuteMs).map(({ event }) => event);
  return {
    startAt,
    requests: events.length,
    tokens: events.reduce((sum, { usage }) => sum + totalTokens(usage), 0),
    errors: events.filter(isError).length,
    costUsd: usd(events.reduce((sum, { costNanos }) => sum + tokenCount(costNanos), 0)),
  };
}
