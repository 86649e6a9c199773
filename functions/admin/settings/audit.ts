import * as z from "zod/mini";
import { listAudit, verifyAudit } from "../../core/people/audit.ts";
import { component } from "../http/component.ts";
import { instant, text } from "../http/fields.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

const logId = z.string().check(z.regex(/^\d{1,15}-\d{1,15}$/, { error: "must be the id of a log entry" }));
const fields = z.optional(z.record(z.string(), z.unknown()).check(z.describe("Only what differs, without secrets.")));

const AuditQuery = z.strictObject({
  operation: z.optional(text(60, "An operation's id, such as updateKey.")),
  target: z.optional(text(200, "The id of a record.")),
  who: z.optional(text(100, "A name.")),
  before: z.optional(logId.check(z.describe("`next` of the page before; absent: the newest."))),
  pageSize: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200), z.describe("50 by default."))),
});

const AuditRow = component(
  "AuditRow",
  z.object({
    id: z.string().check(z.describe("The entry's place in the log.")),
    number: z.int().check(z.describe("Counts from 1 without gaps.")),
    at: instant("When."),
    who: z.string(),
    ip: z.string(),
    operation: z.string(),
    target: z.string().check(z.describe("The ids of the records it was done to, with spaces between; may be empty.")),
    status: z.int(),
    failure: z.optional(z.string()),
    before: fields,
    after: fields,
    request: z.string(),
    previous: z.string().check(z.describe("`hash` of the entry before; empty for the first.")),
    hash: z.string().check(z.describe("SHA-256 of the entry as JSON without this field, in hexadecimal.")),
  }),
);

const AuditPage = component("AuditPage", z.object({ items: z.array(AuditRow), next: z.nullable(z.string()) }));

const problems = ["missing", "doubled", "changed", "unchained", "unreadable", "head"] as const;

const AuditCheck = component(
  "AuditCheck",
  z.object({
    isWhole: z.boolean(),
    entries: z.int(),
    from: z.int().check(z.describe("The number of the oldest entry that is kept.")),
    to: z.int().check(z.describe("The number of the last entry that was written.")),
    problems: z.array(z.object({ number: z.int(), problem: z.enum(problems) })),
  }),
);

export const auditOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/audit",
    id: "listAudit",
    summary: "What admins did, newest first. One command a page; with a filter one for 500 entries looked at.",
    query: AuditQuery,
    answer: AuditPage,
    async run({ query: { before = "+", pageSize: most = 50, ...filter } }, env) {
      const { items, next } = await listAudit(filter, { before, most }, env);
      return { items: items.map(({ id, entry }) => AuditRow.parse({ ...entry, id })), next };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/audit/check",
    id: "checkAudit",
    summary: "Goes through the whole chain: whether an entry was changed, taken out or put in.",
    answer: AuditCheck,
    run: (_, env) => verifyAudit(env),
  }),
];
