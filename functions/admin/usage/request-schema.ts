import * as z from "zod/mini";
import { blames } from "../../failure.ts";
import { component } from "../http/component.ts";
import { id, instant, text } from "../http/fields.ts";
import { Figures, span } from "./schema.ts";

const outcomes = ["complete", "gone", "broken", "failed", "refused"] as const;
const logId = z.string().check(z.regex(/^\d{1,15}-\d{1,15}$/, { error: "must be the id of a log entry" }));

const coercedInstant = (about: string) =>
  z.optional(z.coerce.number().check(z.int(), z.gte(0), z.describe(`${about} Epoch milliseconds.`)));

const filters = {
  since: coercedInstant("Only calls that came then or later."),
  until: coercedInstant("Only calls that came before."),
  key: z.optional(id),
  owner: z.optional(text(120, "The owner of its key.")),
  tag: z.optional(text(120, "A tag of its key; empty: keys without tags.")),
  client: z.optional(text(200, "The client, as the list tells it.")),
  session: z.optional(text(200, "The client's own session.")),
  account: z.optional(text(80, "An account's id; empty: calls that no account answered.")),
  model: z.optional(text(200, "A model as the client wrote it; with `*` at its end a prefix.")),
  outcome: z.optional(z.enum(outcomes)),
  status: z.optional(
    z
      .string()
      .check(
        z.regex(/^[1-5](\d\d|xx)$/, { error: "must be a status such as 429, or 5xx" }),
        z.describe("A status, or 4xx or 5xx."),
      ),
  ),
  blame: z.optional(z.enum(blames).check(z.describe("Only calls that failed by this one's fault."))),
  search: z.optional(
    text(
      100,
      "Part of the request's id (the relay's or a provider's), the key's or account's name, the model, client, session, address, or of what a provider said.",
    ),
  ),
};

export const RequestQuery = z.strictObject({
  ...filters,
  before: z.optional(logId.check(z.describe("`next` of the page before; absent: the newest."))),
  pageSize: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200), z.describe("50 by default."))),
});

const who = z.object({ id: z.string(), name: z.string() });

const row = {
  logId: z.string(),
  id: z.string().check(z.describe("The request's id, as the client was told it.")),
  at: instant("When it came."),
  key: who,
  account: z.nullable(who).check(z.describe("The account that answered; null: none did.")),
  dialect: z.string(),
  operation: z.string(),
  model: z.nullable(z.string()),
  client: z.nullable(z.string()),
  status: z
    .int()
    .check(z.describe("How it ended: the provider's status, or the relay's for what no provider answered.")),
  clientStatus: z.int().check(z.describe("What the client was answered with, in its own API's words.")),
  outcome: z.enum(outcomes),
  failure: z.nullable(z.string()),
  blame: z.nullable(z.enum(blames)).check(z.describe("Whose fault a failed call is; null: it did not fail.")),
  isStream: z.boolean(),
  tokens: z.int(),
  costUsd: z.number(),
  isPriced: z.boolean().check(z.describe("False: the model has no price, and no cost was counted.")),
  isOwnPrice: z.boolean().check(z.describe("True: the cost is by a price that the operator set, not by the table's.")),
  isAssumedPrice: z
    .boolean()
    .check(z.describe("True: the model has no price, and a cost limit holds; the cost is by that of its dearest kin.")),
  firstMs: z.number(),
  totalMs: z.number(),
  attempts: z.int().check(z.describe("How many accounts were tried.")),
};

const progress = {
  looked: z.int().check(z.describe("How many entries of the log were looked at for this page.")),
  lookedTo: z.nullable(instant("How far back they go; null: there are none.")),
  oldestAt: z.nullable(instant("How far back the log goes, where there is more to look at; null: all was looked at.")),
};

export const RequestPage = component(
  "UsageRequests",
  z.object({
    items: z.array(z.object(row)),
    next: z
      .nullable(z.string())
      .check(
        z.describe(
          "To go on from; null: there are no older ones. A page may hold fewer than asked for when matches are rare.",
        ),
      ),
    ...progress,
  }),
);

const logGroups = ["key", "owner", "account", "model", "tag", "client", "session"] as const;
export type LogGroup = (typeof logGroups)[number];
export const SumsQuery = z.strictObject({
  ...filters,
  before: z.optional(logId.check(z.describe("`next` of the part before; absent: from the newest."))),
  stepMs: z.optional(z.coerce.number().check(z.int(), z.gte(60_000), z.describe("An hour by default."))),
  by: z.optional(z.enum(logGroups).check(z.describe("Sums for each of these, too."))),
  split: z.optional(z.enum(logGroups).check(z.describe("And within each of them for each of these."))),
});
export const RequestSums = component(
  "UsageRequestSums",
  z.object({
    figures: Figures,
    groups: z.array(z.object({ ...who.shape, split: z.nullable(who), figures: Figures })),
    steps: z
      .array(z.object({ startAt: instant("When it begins."), requests: z.int(), errors: z.int() }))
      .check(z.describe("Calls by when they came; steps without calls are left out.")),
    next: z.nullable(z.string()).check(z.describe("To go on from, and add to these sums; null: these are all.")),
    ...progress,
  }),
);

export const FailureQuery = z.strictObject({
  before: z.optional(logId.check(z.describe("`next` of the page before; absent: the newest."))),
  pageSize: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200), z.describe("20 by default."))),
});
export const FailurePage = component(
  "AccountFailures",
  z.object({
    items: z.array(
      z.object({
        logId: z.string(),
        at: instant("When the try began."),
        key: who,
        model: z.nullable(z.string()),
        status: z.int().check(z.describe("What the provider answered, or the relay where it did not.")),
        reason: z.string().check(z.describe("What it said.")),
        type: z.nullable(z.string()).check(z.describe("The provider's own code of the error.")),
        requestId: z.nullable(z.string()).check(z.describe("The provider's own id of the call.")),
        isServed: z.boolean().check(z.describe("Whether another try answered the call after all.")),
      }),
    ),
    next: z.nullable(z.string()).check(z.describe("To go on from; null: there are no older ones.")),
    ...progress,
  }),
);

export const RequestDetail = component(
  "UsageRequest",
  z.object({
    ...row,
    upstreamModel: z
      .nullable(z.string())
      .check(z.describe("What the account was asked for, where that is another model.")),
    session: z.nullable(z.string()),
    ip: z.string(),
    isUndelivered: z.boolean(),
    isEstimated: z
      .boolean()
      .check(z.describe("The answer did not tell all its figures: those that were missing are guessed.")),
    serviceTier: z.nullable(z.string()),
    usage: z.object({
      inputTokens: z.int(),
      outputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWrite5mTokens: z.int(),
      cacheWrite1hTokens: z.int(),
      reasoningTokens: z.int(),
      webSearches: z.int(),
    }),
    costs: z
      .array(
        z.object({
          class: z
            .string()
            .check(z.describe("`part`: what ran within the call, such as an advisor, at a price of its own.")),
          count: z.int(),
          rateUsd: z.number().check(z.describe("For a million tokens, or for one search. US dollars.")),
          costUsd: z.number(),
        }),
      )
      .check(z.describe("Adds up to the cost exactly.")),
    timings: z
      .object({
        queue: z.number(),
        select: z.number(),
        head: z.number(),
        first: z.number(),
        total: z.number(),
      })
      .check(
        z.describe("Milliseconds since the request came: admitted, account chosen, upstream's head, first byte, end."),
      ),
    tries: z.array(
      z.object({
        account: who,
        status: z.int(),
        reason: z.string().check(z.describe("The provider's words, at most 300 characters and without secrets.")),
        type: z.nullable(z.string()).check(z.describe("The provider's own code of the error.")),
        requestId: z.nullable(z.string()).check(z.describe("The provider's own id of the call.")),
        startedMs: z.number(),
        ms: z.number(),
        charge: z.enum(["charged", "probably", "none"]).check(z.describe("Whether the provider billed it.")),
        costUsd: z.number(),
      }),
    ),
    passedOver: z
      .array(z.object({ account: who, reason: z.string() }))
      .check(z.describe("Accounts that were not tried, and why.")),
    rules: z
      .array(z.string())
      .check(z.describe("Why the bytes that went up are not those that came; empty: they are.")),
    meters: z
      .array(
        z.object({
          row: z.string(),
          period: z.string(),
          tokens: z.int(),
          costUsd: z.number(),
          family: z.nullable(z.string()),
        }),
      )
      .check(z.describe("The meters that it moved, by the limits that its key has now.")),
  }),
);

export const exports = ["requests", "key", "owner", "account", "model", "tag"] as const;
export const ExportQuery = z.strictObject({
  ...span,
  ...filters,
  of: z
    .enum(exports)
    .check(
      z.describe(
        "Single calls as far as the log goes back, by the filters of the list, or one row a day and key, owner, account, model or tag.",
      ),
    ),
});
export const CsvFile = component(
  "CsvFile",
  z.object({
    name: z.string().check(z.describe("A name for the file.")),
    csv: z.string().check(z.describe("With `accept: text/csv` this is the whole answer.")),
  }),
);

export type RequestRow = z.infer<typeof RequestPage>["items"][number];
export type RequestDetailView = z.infer<typeof RequestDetail>;
export type RequestFilter = Omit<z.infer<typeof RequestQuery>, "before" | "pageSize">;
/** What `of` requests may be narrowed by. */
export const filterNames: readonly string[] = Object.keys(filters);
