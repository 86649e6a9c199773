import type * as z from "zod/mini";
import type { UsageEvent } from "../../core/money/usage.ts";
import { byId } from "../http/fields.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { lookBack } from "./log-pages.ts";
import { FailurePage, FailureQuery } from "./request-schema.ts";
import * as view from "./view.ts";

type Failed = z.infer<typeof FailurePage>["items"][number];

export const usageFailureOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/accounts/:id/failures",
    id: "listAccountFailures",
    summary:
      "Tries at one account that failed, newest first, also those of calls that another account then answered. At most eleven commands, and three for names.",
    params: byId,
    query: FailureQuery,
    answer: FailurePage,
    async run({ params: { id }, query: { before, pageSize = 20 } }, env) {
      const names = await view.readNames(env);
      const items: Failed[] = [];
      const looked = await lookBack({ before }, env, ({ logId, event }) => {
        items.push(...failuresOf(event, id, logId, names));
        return items.length >= pageSize;
      });
      return { items, ...looked };
    },
  }),
];

/** A call is tried at an account once, or twice where its credential was renewed in between. */
function failuresOf(event: UsageEvent, account: string, logId: string, names: view.Names): Failed[] {
  return event.attempts
    .filter((attempt) => attempt.account === account && isFailed(attempt))
    .map(({ status, reason, type, requestId, startedMs }) => ({
      logId,
      at: event.at + startedMs,
      key: { id: event.key, name: names.key(event.key) },
      model: event.model ?? null,
      status,
      reason,
      type: type ?? null,
      requestId: requestId ?? null,
      isServed: event.outcome === "complete" && event.status < 400,
    }));
}

/** Status 0 is a place that was not free: nothing was asked. */
const isFailed = ({ status }: { readonly status: number }): boolean => status >= 400;
