import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { logLevels, type LogLevel } from "../../log.ts";
import type { NumberedLine } from "../../log-book.ts";
import { component } from "../http/component.ts";
import { instant, text } from "../http/fields.ts";
import { operation, type Operation } from "../http/operation.ts";

const LogQuery = z.strictObject({
  level: z.optional(
    z.enum(logLevels).check(z.describe("The least severe level that is told; absent: all that is written.")),
  ),
  search: z.optional(text(100, "Part of the line, in any case.")),
  after: z.optional(
    z.coerce.number().check(z.int(), z.gte(0), z.describe("`last` of the answer before: only what came since.")),
  ),
  limit: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(1_000), z.describe("200 by default."))),
});

const LogEntry = component(
  "LogEntry",
  z.object({
    number: z.int().check(z.describe("Counts from 1 since the process began.")),
    at: instant("When."),
    level: z.enum(logLevels),
    event: z.string(),
    fields: z.record(z.string(), z.unknown()),
  }),
);
type LogEntryView = z.infer<typeof LogEntry>;

const LogPage = component(
  "LogPage",
  z.object({
    items: z.array(LogEntry).check(z.describe("Oldest first; the newest that match.")),
    last: z.int().check(z.describe("The number of the newest line there is.")),
    startedAt: instant("When the process began."),
    level: z.enum(logLevels).check(z.describe("What LOG_LEVEL lets be written.")),
    isKept: z
      .boolean()
      .check(z.describe("False on Lambda, where each function has processes of its own: CloudWatch has their logs.")),
  }),
);

export const logOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/logs",
    id: "listLogs",
    summary: "The last 2,000 lines of this process's log. From memory: no command.",
    query: LogQuery,
    answer: LogPage,
    run: ({ query }, env) =>
      Promise.resolve({
        items: find(query, env),
        last: env.logBook?.count() ?? 0,
        startedAt: env.logBook?.startedAt ?? env.now(),
        level: env.config.LOG_LEVEL,
        isKept: env.logBook !== undefined,
      }),
  }),
];

function find({ level, search, after = 0, limit = 200 }: z.infer<typeof LogQuery>, env: Env): LogEntryView[] {
  const least = level === undefined ? logLevels.length : logLevels.indexOf(level);
  const word = search?.toLowerCase() ?? "";
  const found: LogEntryView[] = [];
  for (const numbered of env.logBook?.after(after) ?? []) {
    if (!numbered.line.toLowerCase().includes(word)) continue;
    const entry = read(numbered);
    if (entry && logLevels.indexOf(entry.level) <= least) found.push(entry);
  }
  return found.slice(-limit);
}

/** Undefined for a line that is no JSON object of the log's own, or was cut. */
function read({ number, line }: NumberedLine): LogEntryView | undefined {
  try {
    const { at, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
    if (!logLevels.includes(level as LogLevel)) return undefined;
    return { number, at: Date.parse(String(at)), level: level as LogLevel, event: String(event), fields };
  } catch (error) {
    void error;
    return undefined;
  }
}
