import * as z from "zod/mini";
import { accountDefaults } from "../../core/accounts/account.ts";
import { poolTable } from "../../core/accounts/pool.ts";
import { settingDefaults } from "../../core/accounts/settings.ts";
import { keyDefaults, keysTable } from "../../core/keys/key.ts";
import { cells } from "../../core/limits/meter.ts";
import { isCheapHash, passwordName } from "../../core/people/password.ts";
import { passkeysTable } from "../../core/people/passkey.ts";
import { secondFactorName } from "../../core/people/second-factor.ts";
import { Failure } from "../../failure.ts";
import { alertDefaults } from "../alerts/settings.ts";
import type { Line, TableLine } from "./record.ts";
import { parseJson } from "../../wire/json.ts";

/**
 * A line of a backup, if it is one that a backup may have: each kind has its table, its names and the form of its values,
 * and nothing else is written. Whoever made the file may have written anything. Throws `request.malformed`.
 */
export function checkLine(text: string, number: number): Line {
  const value = parseJson(text);
  const result = line.safeParse(value);
  const fault = result.success ? findFault(result.data as Line) : "is of no known form";
  if (fault === undefined) return value as Line;
  throw new Failure("request.malformed", {
    message: `Line ${number} of the backup ${fault}: nothing of the file can be trusted.`,
    isRetryable: false,
  });
}

const text = z.string();
const count = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
const fields = z.record(z.string().check(z.maxLength(2_000)), text);
const sealed = z.optional(fields);
const tableKinds = ["accounts", "groups", "prices", "settings", "keys", "admin", "usage"] as const;
const longestTtl = 400 * 86_400;

const line = z.union([
  z.strictObject({
    kind: z.literal("about"),
    sanitised: z.boolean(),
    zone: z.strictObject({ TIMEZONE: z.optional(text), TIMEZONE_OFFSET: z.number() }),
  }),
  z.strictObject({ kind: z.enum(tableKinds), table: text, fields, sealed, isOnlyNew: z.optional(z.boolean()) }),
  z.strictObject({ kind: z.literal("admin"), name: text, value: text, isSealed: z.boolean() }),
  z.strictObject({
    kind: z.literal("meters"),
    row: z.string().check(z.regex(/^meter\/[0-9a-f]{32}\/[\w.-]{1,40}$/)),
    cells: z.array(z.tuple([z.int().check(z.minimum(0), z.maximum(cells.firstSlot - 1)), count])),
    ttlSeconds: z.int().check(z.minimum(0), z.maximum(longestTtl)),
  }),
  z.strictObject({ kind: z.enum(["events", "audit"]), entry: text }),
  z.strictObject({ kind: z.literal("audit-head"), value: text }),
]);

/** What is wrong with a line of the right form; undefined: nothing. */
function findFault(found: Line): string | undefined {
  switch (found.kind) {
    case "about":
    case "meters":
      return undefined;
    case "events":
      return isOf(event, found.entry) ? undefined : "is no call";
    case "audit":
      return isOf(auditEntry, found.entry) ? undefined : "is no entry of the audit log";
    case "audit-head":
      return isOf(auditHead, found.value) ? undefined : "is no end of the audit log";
    default:
      return "table" in found ? findTableFault(found) : findValueFault(found.name, found);
  }
}

function findValueFault(name: string, { value, isSealed }: { value: string; isSealed: boolean }): string | undefined {
  const form = name === passwordName && !isSealed ? password : name === secondFactorName && isSealed ? factor : never;
  return isOf(form, value) ? undefined : `has no value that may stand under ${name.slice(0, 60)}`;
}

function findTableFault({ kind, table, fields: given, sealed: secrets = {} }: TableLine): string | undefined {
  const rule = tables[kind];
  if (!rule.table.test(table)) return `writes ${kind} into the table ${table.slice(0, 60)}`;
  const wrong =
    Object.entries(given).find(([field, value]) => !isOf(rule.form(field, table), value))?.[0] ??
    Object.keys(secrets).find((field) => !rule.sealed?.test(field));
  return wrong === undefined ? undefined : `has no value that may stand in the field ${wrong.slice(0, 60)}`;
}

interface TableRule {
  readonly table: RegExp;
  /** The form of a field's value; `never` for a field that does not belong there. */
  form(field: string, table: string): z.ZodMiniType;
  /** The fields that the store keeps encrypted. */
  readonly sealed?: RegExp;
}

const never = z.never();
const strings = z.array(text);
const instant = z.nullable(z.number());

/** The form of a value by its default: lists are of strings, records of strings or numbers. */
function formOf(value: unknown): z.ZodMiniType {
  if (Array.isArray(value)) return z.nullable(strings);
  if (typeof value === "object" && value !== null) return z.nullable(z.record(text, z.union([text, z.number()])));
  return z.nullable({ boolean: z.boolean(), number: z.number(), string: text }[typeof value as "string"] ?? never);
}
const formsOf = (defaults: object) =>
  Object.fromEntries(Object.entries(defaults).map(([column, value]) => [column, formOf(value)]));
const oneOf = (forms: Readonly<Record<string, z.ZodMiniType>>, name: string | undefined) =>
  name !== undefined && Object.hasOwn(forms, name) ? (forms[name] ?? never) : never;

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const keyForms: Readonly<Record<string, z.ZodMiniType>> = {
  ...formsOf(keyDefaults),
  ...{ hash: sha256, prefix: text, name: text, createdAt: z.number() },
  ...{ deletedAt: instant, expiresAt: instant, activeHours: instant, firstUsedAt: instant },
  leak: z.nullable(z.strictObject({ at: z.number(), networks: z.number() })),
  rotation: z.nullable(z.strictObject({ hash: sha256, formerHash: sha256, formerUntil: z.number() })),
  alias: sha256,
};
const accountForms: Readonly<Record<string, z.ZodMiniType>> = {
  ...formsOf(accountDefaults),
  ...{ name: text, kind: text, createdAt: z.number(), credentialExpiresAt: instant },
  ...{ baseUrl: z.nullable(text), subject: z.nullable(text), stoppedBecause: z.nullable(text) },
  schedule: z.nullable(z.strictObject({ fromHour: z.number(), toHour: z.number() })),
  // Sealed, and so not among the plain fields; null where there is none.
  ...{ proxy: z.null(), credential: z.null() },
};
const channel = z.looseObject({ id: text, kind: text, name: text, isEnabled: z.boolean(), to: z.optional(strings) });
const settingForms: Readonly<Record<string, z.ZodMiniType>> = {
  ...formsOf(settingDefaults),
  publicUrl: z.nullable(text),
  retention: z.record(text, z.number()),
  alerts: z.looseObject({
    ...Object.fromEntries(Object.entries(alertDefaults).map(([name, value]) => [name, z.optional(formOf(value))])),
    channels: z.optional(z.array(channel)),
    quiet: z.optional(z.nullable(z.strictObject({ fromHour: z.number(), toHour: z.number() }))),
  }),
};
const rates = z.record(text, z.union([z.number(), z.boolean()]));
const price = z.record(text, z.union([z.number(), z.boolean(), rates, z.array(rates)]));
const group = z.strictObject({ id: text, name: text, description: z.optional(text) });
const passkey = z.strictObject({
  ...{ id: text, name: text, publicKey: text, counter: count, transports: strings, host: text },
  ...{ isBackedUp: z.boolean(), createdAt: z.number(), usedAt: instant },
});
const figures = z.array(count).check(z.maxLength(64));
const detail = z.array(z.tuple([text], count));

const tables: Readonly<Record<TableLine["kind"], TableRule>> = {
  accounts: {
    table: exactly(poolTable),
    form: (field) => oneOf(accountForms, /^account\/[^/]{1,200}\/(\w+)$/.exec(field)?.[1]),
    sealed: /^account\/[^/]{1,200}\/(credential|proxy)$/,
  },
  groups: { table: exactly(poolTable), form: (field) => (/^group\/[^/]{1,200}$/.test(field) ? group : never) },
  prices: { table: exactly(poolTable), form: (field) => (/^price\/.{1,200}$/.test(field) ? price : never) },
  settings: {
    table: exactly(poolTable),
    form: (field) => oneOf(settingForms, /^setting\/(\w+)$/.exec(field)?.[1]),
    sealed: /^setting\/(alert\/[\w-]{1,100}|pepper\/[0-9a-f]{12})$/,
  },
  keys: { table: exactly(keysTable), form: (field) => oneOf(keyForms, /^[0-9a-f]{32}\/(\w+)$/.exec(field)?.[1]) },
  admin: { table: exactly(passkeysTable), form: (field) => (/^[\w-]{1,1400}$/.test(field) ? passkey : never) },
  usage: {
    table: /^usage\/(total|(day|hour|detail)\/\d{4}-\d\d-\d\d|month\/\d{4}-\d\d)$/,
    form: (field, table) => (field === "@" ? never : table.startsWith("usage/detail/") ? detail : figures),
  },
};

function exactly(name: string): RegExp {
  return new RegExp(`^${name}$`);
}

/** A hash whose making costs more than ours would let a file choose what each sign-in costs. */
const password = z.strictObject({
  password: text.check(z.refine((hash) => isCheapHash(hash))),
  generation: text,
  changedAt: z.number(),
});
const factor = z.strictObject({
  secret: z.string().check(z.regex(/^[A-Z2-7]{16,128}$/)),
  recovery: strings,
  sinceAt: z.number(),
});
const name = z.optional(z.nullable(text));
const attempt = z.looseObject({ account: text, status: z.number(), reason: text, charge: text });
const event = z.looseObject({
  ...{ id: z.string().check(z.minLength(1), z.maxLength(200)), key: text, at: count, status: z.number() },
  ...{ dialect: text, operation: text, ip: text, outcome: text, isStream: z.boolean(), costNanos: count },
  ...{ account: name, model: name, client: name, session: name, failure: name },
  usage: z.record(text, z.union([z.number(), text, z.boolean()])),
  ms: z.record(text, z.number()),
  attempts: z.array(attempt),
  candidates: z.optional(z.array(z.looseObject({ account: text, reason: text }))),
  rules: z.optional(strings),
});
const auditEntry = z.looseObject({
  ...{ number: count, previous: text, hash: text, at: z.number() },
  ...{ who: text, ip: text, operation: text, target: text, status: z.number() },
});
const auditHead = z.strictObject({ number: count, hash: text, marks: strings, cut: count });

function isOf(form: z.ZodMiniType, value: string): boolean {
  const parsed = parseJson(value);
  return parsed !== undefined && form.safeParse(parsed).success;
}
