import { Failure } from "../../failure.ts";
import type { Carrier, Command, Reply, Runner } from "./carrier.ts";
import { checkFields, checkLimit, checkLogId, checkStep, checkText, checkTtl, maxIdPart } from "../check.ts";
import type { Fold, LogEntry, MeterRow, Store } from "../store.ts";

/**
 * The store's verbs as Redis commands, written once for every wire. Only what a genuine Redis 7.0 and Upstash both
 * know is used. Billed commands are one a call, but: removeIf 2 or 3 (a script is billed with what it calls inside),
 * fold 2 when refused, else 3 and one more for each table (one more again for every 3,000 fields of it).
 */
export function redis(kind: "upstash" | "tcp", carrier: Carrier, prefix: string): Store {
  const call = buildCall(carrier);
  const later = buildCall(carrier.later ?? carrier);
  const named = (name: string): string => prefix + checkText(name);
  return {
    kind,
    opening: 0,
    ...values(call, named),
    ...tables(call, named),
    ...meters(call, later, named),
    ...logs(call, later, named),
    async fold(fold) {
      return (await call.one(foldCommand(fold, named))) === 1;
    },
    async ping() {
      await call.one(["PING"]);
    },
    async close() {
      await carrier.close();
    },
  };
}

interface Call {
  one(command: Command): Promise<Reply>;
  each(commands: readonly Command[]): Promise<(Reply | Error)[]>;
  /** Rejects if any of them failed. */
  all(commands: readonly Command[]): Promise<Reply[]>;
}

const orRefuse = (reply: Reply | Error): Reply => (reply instanceof Error ? refuse(reply) : reply);

type Named = (name: string) => string;

function buildCall(runner: Runner): Call {
  return {
    one: (command) => runner.run(command).catch(refuse),
    each: (commands) => (commands.length === 0 ? Promise.resolve([]) : runner.runAll(commands).catch(refuse)),
    async all(commands) {
      return (await this.each(commands)).map(orRefuse);
    },
  };
}

function values(call: Call, named: Named): Pick<Store, "read" | "write" | "remove" | "removeIf"> {
  return {
    async read(names) {
      if (names.length === 0) return [];
      return optionals(await call.one(["MGET", ...names.map(named)]));
    },
    async write(name, value, options = {}) {
      const command = ["SET", named(name), checkText(value)];
      if (options.ttlSeconds !== undefined) command.push("PX", String(checkTtl(options.ttlSeconds)));
      if (options.onlyIfAbsent) command.push("NX");
      return (await call.one(command)) !== null;
    },
    async remove(names) {
      if (names.length > 0) await call.one(["DEL", ...names.map(named)]);
    },
    async removeIf(name, value) {
      return (await call.one(["EVAL", removeIfScript, "1", named(name), checkText(value)])) === 1;
    },
  };
}

function tables(call: Call, named: Named): Pick<Store, "list" | "find" | "put" | "drop" | "listMany"> {
  return {
    async list(table) {
      return record(await call.one(["HGETALL", named(table)]));
    },
    async find(table, fields) {
      if (fields.length === 0) return [];
      return optionals(await call.one(["HMGET", named(table), ...fields.map(checkText)]));
    },
    async put(table, fields) {
      const pairs = flatten(fields);
      if (pairs.length > 0) await call.one(["HSET", named(table), ...pairs]);
    },
    async drop(table, fields) {
      if (fields.length > 0) await call.one(["HDEL", named(table), ...fields.map(checkText)]);
    },
    async listMany(names) {
      return (await call.all(names.map((name) => ["HGETALL", named(name)]))).map(record);
    },
  };
}

function meters(call: Call, later: Call, named: Named): Pick<Store, "count" | "countLater" | "record" | "expire"> {
  return {
    async record(name, rows, entry, markedSeconds = recordedSeconds) {
      return (await call.one(recordCommand({ name, rows, entry, markedSeconds }, named))) === 1;
    },
    count: (rows) => countRows(rows, call, named),
    countLater: (rows) => countRows(rows, later, named),
    async expire(name, ttlSeconds) {
      await call.one(["PEXPIRE", named(name), String(checkTtl(ttlSeconds))]);
    },
  };
}

async function countRows(rows: readonly MeterRow[], call: Call, named: Named): Promise<number[][]> {
  const counted = rows.filter((row) => row.steps.length > 0);
  const commands = counted.map((row) => countCommand(row, named));
  // The carrier pays for every promise, and one row is the usual case.
  const [first] = commands;
  const replies = first && commands.length === 1 ? [await call.one(first)] : await call.each(commands);
  if (replies.some((reply) => reply instanceof Error)) {
    const back = counted.filter((_, index) => !(replies[index] instanceof Error)).map(reverse);
    call.each(back.map((row) => countCommand(row, named))).catch(() => undefined);
  }
  const taken = replies.map(orRefuse);
  if (counted.length === rows.length) return taken.map(numbers);
  const answers = taken.values();
  return rows.map((row) => (row.steps.length === 0 ? [] : numbers(answers.next().value)));
}

/** What takes back that a row was counted. */
const reverse = ({ row, steps }: MeterRow): MeterRow => ({
  row,
  steps: steps.filter(({ isPut }) => !isPut).map(({ cell, by }) => ({ cell, by: by === 0 ? 0 : -by })),
});

interface Recording {
  readonly name: string;
  readonly rows: readonly MeterRow[];
  readonly entry: { log: string; entry: string } | undefined;
  readonly markedSeconds: number;
}

const recordedSeconds = 86_400;

/** KEYS: the marker, the rows, and the log. ARGV: how long the marker stays, then for each row the number of its arguments and those, and the entry. */
const recordScript = `if not redis.call("SET", KEYS[1], "1", "NX", "EX", ARGV[1]) then return 0 end
local at = 2
for key = 2, #KEYS do
  if at == #ARGV then redis.call("XADD", KEYS[key], "*", "e", ARGV[at]) else
    local last = at + tonumber(ARGV[at])
    redis.call("BITFIELD", KEYS[key], unpack(ARGV, at + 1, last))
    at = last + 1
  end
end
return 1`;

function recordCommand({ name, rows, entry, markedSeconds }: Recording, named: Named): Command {
  const commands = rows.filter(({ steps }) => steps.length > 0).map((row) => countCommand(row, named).slice(1));
  const keys = [named(name), ...commands.map(([row = ""]) => row), ...(entry ? [named(entry.log)] : [])];
  const values = commands.flatMap(([, ...steps]) => [String(steps.length), ...steps]);
  const last = entry ? [checkText(entry.entry)] : [];
  return ["EVAL", recordScript, String(keys.length), ...keys, String(markedSeconds), ...values, ...last];
}

function countCommand(row: MeterRow, named: Named): Command {
  const command = ["BITFIELD", named(row.row)];
  for (const step of row.steps) {
    checkStep(step);
    const cell = (cellNames[step.cell] ??= `#${step.cell}`);
    if (step.isPut) command.push("SET", "i64", cell, String(step.by));
    else if (step.by === 0) command.push("GET", "i64", cell);
    else command.push("INCRBY", "i64", cell, String(step.by));
  }
  return command;
}

/** A message names dozens. */
const cellNames: string[] = [];

function logs(
  call: Call,
  later: Call,
  named: Named,
): Pick<Store, "append" | "readLog" | "readLogBackwards" | "trimLog"> {
  return {
    async append(log, entry) {
      return String(await later.one(["XADD", named(log), "*", "e", checkText(entry)]));
    },
    async readLog(log, after, limit) {
      const from = wholeId(after);
      // Redis refuses to begin after the very last id there can be.
      if (checkLimit(limit) === 0 || from === lastId) return [];
      return entries(await call.one(["XRANGE", named(log), `(${from}`, "+", "COUNT", String(limit)]));
    },
    async readLogBackwards(log, before, limit) {
      const from = before === "+" ? "+" : `(${wholeId(before)}`;
      // And to end before the very first one.
      if (checkLimit(limit) === 0 || from === "(0-0") return [];
      return entries(await call.one(["XREVRANGE", named(log), from, "-", "COUNT", String(limit)]));
    },
    async trimLog(log, upTo) {
      const { ms, seq } = checkLogId(upTo);
      const next = seq === maxIdPart ? `${ms + 1n}-0` : `${ms}-${seq + 1n}`;
      await call.one(["XTRIM", named(log), "MINID", next]);
    },
  };
}

const lastId = `${maxIdPart}-${maxIdPart}`;

function wholeId(id: string): string {
  const { ms, seq } = checkLogId(id);
  return `${ms}-${seq}`;
}

const removeIfScript = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0`;

/**
 * KEYS: the cursor, then the tables. ARGV: whether a value is expected, that value, the next value, then for each
 * table the number of its arguments and those (field, value, field, value, …). HSET goes out in slices because Lua's
 * `unpack` carries less than 8,000 values.
 */
const foldScript = `local current = redis.call("GET", KEYS[1])
if (current or "") ~= ARGV[2] or (current and "1" or "0") ~= ARGV[1] then return 0 end
local at = 4
for key = 2, #KEYS do
  local last = at + tonumber(ARGV[at])
  for from = at + 1, last, 6000 do
    redis.call("HSET", KEYS[key], unpack(ARGV, from, math.min(from + 5999, last)))
  end
  at = last + 1
end
redis.call("SET", KEYS[1], ARGV[3])
return 1`;

function foldCommand(fold: Fold, named: Named): Command {
  const keys = [named(fold.cursor)];
  const values = [fold.expected === undefined ? "0" : "1", checkText(fold.expected ?? ""), checkText(fold.next)];
  for (const [table, fields] of Object.entries(fold.tables)) {
    const pairs = flatten(fields);
    if (pairs.length === 0) continue;
    keys.push(named(table));
    values.push(String(pairs.length));
    for (const text of pairs) values.push(text);
  }
  return ["EVAL", foldScript, String(keys.length), ...keys, ...values];
}

function flatten(fields: Readonly<Record<string, string>>): string[] {
  return checkFields(fields).flat();
}

function list(reply: Reply | undefined): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new Failure("store.unavailable", { message: unavailable, cause: new Error("Redis answered no list.") });
}

function optionals(reply: Reply): (string | undefined)[] {
  return list(reply).map((value) => (value === null ? undefined : String(value)));
}

function numbers(reply: Reply | undefined): number[] {
  return list(reply).map(Number);
}

/** Without a prototype, a field may be called `__proto__`, and a dashboard's table is filled three times as fast as by `fromEntries`. */
function record(reply: Reply): Record<string, string> {
  const flat = list(reply);
  const fields = Object.create(null) as Record<string, string>;
  for (let index = 0; index + 1 < flat.length; index += 2) fields[String(flat[index])] = String(flat[index + 1]);
  return fields;
}

function entries(reply: Reply): LogEntry[] {
  return list(reply).map((item) => {
    const [id, fields] = list(item);
    return { id: String(id), entry: String(list(fields)[1]) };
  });
}

const unavailable = "The relay's store cannot be reached at the moment.";

/** Worded for clients: what Redis said is the cause, and no command or value is in either. */
function refuse(error: unknown): never {
  if (error instanceof Failure) throw error;
  const text = error instanceof Error ? error.message : String(error);
  const cause = new Error(text, { cause: error instanceof Error ? error.cause : undefined });
  // The wording is Upstash's: https://upstash.com/docs/redis/troubleshooting/max_requests_limit
  if (/max (daily )?requests? limit exceeded/i.test(text)) {
    const message = "The relay's store refuses commands: the command quota of its plan is spent.";
    throw new Failure("store.unavailable", { message, isRetryable: false, cause });
  }
  throw new Failure("store.unavailable", { message: unavailable, cause });
}
