import type { Env } from "../../env.ts";
import { addFigures, buildFigures, figure, figureNames, isError } from "../../core/usage/totals.ts";
import { noFigures, sumFigures, tokensOf, type Figures } from "../../core/usage/totals.ts";
import { findKeyById } from "../../core/keys/key.ts";
import { readDays } from "../../core/usage/statistics.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import { idMs, readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";
import { getOrPut } from "../../core/usage/rollup/write.ts";
import { lookBack, readPages, type Found } from "./log-pages.ts";
import { buildCsv } from "../http/csv.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import * as shape from "./request-schema.ts";
import { blameOf, buildDetail, buildRow } from "./request-view.ts";
import { byRecord } from "./schema.ts";
import * as view from "./view.ts";

export const usageRequestOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/usage/requests",
    id: "listUsageRequests",
    summary:
      "Recent calls, newest first, as far as the log goes back. At most eleven commands for a page, and three for names.",
    query: shape.RequestQuery,
    answer: shape.RequestPage,
    async run({ query }, env) {
      const names = await view.readNames(env);
      const { before, pageSize = 50, ...filter } = query;
      const found = new Map<string, Found>();
      const isFiltered = Object.values(filter).some((value) => value !== undefined);
      // Without a filter a page is little more than what is shown: marks of the rollup stand between the calls.
      const size = isFiltered ? 1_000 : pageSize + 10;
      const looked = await lookBack({ before, since: filter.since, size }, env, (each) => {
        if (matches(each.event, filter, names)) found.set(each.event.id, each);
        return found.size === pageSize;
      });
      return { items: [...found.values()].map((each) => buildRow(each, names)), ...looked };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/requests/sums",
    id: "sumUsageRequests",
    summary: "What the calls of the log that a filter leaves add up to, part by part. At most eleven commands a part.",
    query: shape.SumsQuery,
    answer: shape.RequestSums,
    async run({ query: { before, stepMs = 3_600_000, by, split, ...filter } }, env) {
      const names = await view.readNames(env);
      const found = new Map<string, UsageEvent>();
      const looked = await lookBack({ before, since: filter.since }, env, ({ event }) => {
        if (matches(event, filter, names)) found.set(event.id, event);
        return false;
      });
      const events = [...found.values()];
      const groups = by === undefined ? [] : groupCalls(events, { by, split }, names);
      return { ...sumCalls(events, stepMs), groups, ...looked };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/requests/:id",
    id: "explainUsageRequest",
    summary:
      "One call in full: accounts that were passed over and why, tries, times, tokens, cost by class, meters, byte rules.",
    params: byRecord,
    answer: shape.RequestDetail,
    async run({ params }, env) {
      const found = await findCall(params.id, env);
      if (!found) throw unknownRecord("call in the log", params.id);
      const [key, names] = await Promise.all([findKeyById(found.event.key, env), view.readNames(env)]);
      return buildDetail(found, key, names, env.config);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/usage/export",
    id: "exportUsage",
    summary: "Usage as CSV, safe to open in a spreadsheet.",
    query: shape.ExportQuery,
    answer: shape.CsvFile,
    async run({ query }, env) {
      const days = view.readSpan(query, 92, env);
      const name = shape.filterNames.find((each) => query[each as keyof typeof query] !== undefined);
      if (query.of !== "requests" && name !== undefined) throw invalid(name, "narrows only an export of requests");
      const csv = await (query.of === "requests" ? exportCalls(days, query, env) : exportDays(days, query.of, env));
      return { name: `usage-${query.of}-${days[0] ?? ""}-${days.at(-1) ?? ""}.csv`, csv };
    },
  }),
];

function sumCalls(events: readonly UsageEvent[], stepMs: number) {
  const steps = new Map<number, { startAt: number; requests: number; errors: number }>();
  for (const event of events) {
    const startAt = Math.floor(event.at / stepMs) * stepMs;
    const step = getOrPut(steps, startAt, () => ({ startAt, requests: 0, errors: 0 }));
    step.requests += 1;
    step.errors += Number(isError(event));
  }
  return {
    figures: view.buildFiguresView(sumFigures(events.map(buildFigures))),
    steps: [...steps.values()],
  };
}

/** A call counts with each tag of its key. */
function idsOf(event: UsageEvent, by: shape.LogGroup, names: view.Names): readonly string[] {
  if (by === "tag") return names.tags(event.key).length > 0 ? names.tags(event.key) : [""];
  if (by === "owner") return [names.owner(event.key)];
  const id = event[by];
  return [typeof id === "string" ? id : ""];
}

interface Grouping {
  readonly by: shape.LogGroup;
  readonly split: shape.LogGroup | undefined;
}

function groupCalls(events: readonly UsageEvent[], { by, split }: Grouping, names: view.Names) {
  const groups = new Map<string, Map<string | undefined, Figures>>();
  for (const event of events)
    for (const id of idsOf(event, by, names))
      for (const part of split === undefined ? [undefined] : idsOf(event, split, names))
        addFigures(
          getOrPut(
            getOrPut(groups, id, () => new Map()),
            part,
            noFigures,
          ),
          buildFigures(event),
        );
  const nameOf = (id: string, of: shape.LogGroup) =>
    of === "key" ? names.key(id) : of === "account" ? names.account(id) : id;
  return [...groups].flatMap(([id, parts]) =>
    [...parts].map(([part, figures]) => ({
      ...{ id, name: nameOf(id, by), figures: view.buildFiguresView(figures) },
      split: part === undefined || split === undefined ? null : { id: part, name: nameOf(part, split) },
    })),
  );
}

const sameNames = ["owner", "tag", "client", "session"] as const;

function matches(event: UsageEvent, filter: shape.RequestFilter, names: view.Names): boolean {
  const { key, account, outcome, blame, search = "", since = 0, until = Infinity } = filter;
  const same: readonly (readonly [unknown, unknown])[] = [
    [key, event.key],
    [account, event.account ?? ""],
    [outcome, event.outcome],
    [blame, blame && blameOf(event)],
  ];
  return (
    event.at >= since &&
    event.at < until &&
    same.every(([asked, found]) => asked === undefined || asked === found) &&
    sameNames.every((by) => filter[by] === undefined || idsOf(event, by, names).includes(filter[by])) &&
    isOfModel(event, filter.model) &&
    isOfStatus(event, filter.status) &&
    isFound(event, search.trim().toLowerCase(), names)
  );
}

function isOfStatus({ status, clientStatus = status }: UsageEvent, asked: string | undefined): boolean {
  if (asked === undefined) return true;
  const pattern = new RegExp(`^${asked.replace("xx", "\\d\\d")}$`);
  return pattern.test(String(status)) || pattern.test(String(clientStatus));
}

function isOfModel({ model }: UsageEvent, asked: string | undefined): boolean {
  if (asked === undefined) return true;
  const name = typeof model === "string" ? model : "";
  return asked.endsWith("*") ? name.startsWith(asked.slice(0, -1)) : name === asked;
}

function isFound(event: UsageEvent, word: string, names: view.Names) {
  if (word === "") return true;
  const { id, key, account = "", model, client, ip, session, failure, attempts } = event;
  const tries = attempts.flatMap(({ reason, type, requestId }) => [reason, type, requestId]);
  return [id, names.key(key), names.account(account), model, client, ip, session, failure, ...tries].some(
    (text) => typeof text === "string" && text.toLowerCase().includes(word),
  );
}

/** By its place in the log, which takes one command, or by the request's id, which may take fifty. */
async function findCall(id: string, env: Env): Promise<Found | undefined> {
  const place = /^(\d{1,15})-(\d{1,15})$/.exec(id);
  if (place) {
    const [entry] = await env.store.readLogBackwards(usageLog, `${place[1]}-${Number(place[2]) + 1}`, 1);
    const event = entry?.id === id ? readEntry(entry).event : undefined;
    return event && { logId: id, event };
  }
  for await (const { entries } of readPages({ pages: 50 }, env)) {
    for (const entry of entries) {
      const { event } = readEntry(entry);
      if (event?.id === id) return { logId: entry.id, event };
    }
  }
  return undefined;
}

const callColumns = [
  "time",
  "id",
  "key",
  "keyName",
  "account",
  "model",
  "status",
  "outcome",
  "failure",
  "tokens",
  "costUsd",
  "firstMs",
  "totalMs",
];
/** A function may answer six megabytes; a row of a call has about 250 bytes. */
const mostCalls = 20_000;

/** The newest calls of the days, at most twenty thousand. */
async function exportCalls(days: readonly string[], filter: shape.RequestFilter, env: Env): Promise<string> {
  const names = await view.readNames(env);
  const from = view.startOfDay(days[0] ?? "", env.config);
  const to = view.startOfDay(view.shift(days.at(-1) ?? "", 1), env.config);
  const rows = new Map<string, (string | number | null)[]>();
  for await (const { entries } of readPages({ pages: 1_000 }, env)) {
    for (const entry of entries) {
      const { event } = readEntry(entry);
      if (!event || event.at < from || event.at >= to || !matches(event, filter, names)) continue;
      const { at, id, key, account, model, status, outcome, failure, tokens, costUsd, firstMs, totalMs } = buildRow(
        { logId: entry.id, event },
        names,
      );
      rows.set(id, [
        new Date(at).toISOString(),
        id,
        key.id,
        key.name,
        account?.name ?? null,
        model,
        status,
        outcome,
        failure,
        tokens,
        costUsd,
        firstMs,
        totalMs,
      ]);
    }
    if (rows.size >= mostCalls || idMs(entries.at(-1)?.id ?? "0") < from) break;
  }
  return buildCsv(callColumns, [...rows.values()].slice(0, mostCalls));
}

const counts = figureNames.filter((name) => !/Nanos|Ms|firsts|lastAt/.test(name));

async function exportDays(
  days: readonly string[],
  of: Exclude<(typeof shape.exports)[number], "requests">,
  env: Env,
): Promise<string> {
  const [sums, names] = await Promise.all([readDays(days, env), view.readNames(env)]);
  const rows = days.flatMap((day, index) => {
    const all = sums[index];
    const groups: Iterable<[string, Figures]> = all ? view.groupSums(all, of, names) : [];
    return [...groups].map(([id, figures]) => {
      const cost = view.usd(figure(figures, "costNanos"));
      return [
        day,
        id,
        view.nameOf(id, of, names),
        ...counts.map((name) => figure(figures, name)),
        tokensOf(figures),
        cost,
      ];
    });
  });
  return buildCsv(["day", of, "name", ...counts, "tokens", "costUsd"], rows);
}
