import * as z from "zod/mini";
import { families } from "../../core/keys/model-families.ts";
import { component } from "../http/component.ts";
import {
  aliases,
  flag,
  id,
  instant,
  listOf,
  models,
  name,
  paging,
  ranges,
  text,
  usd,
  whole,
  words,
} from "../http/fields.ts";

export const services = ["claude", "openai", "gemini", "azure"] as const;
const clients = ["claude-code", "codex", "gemini-cli"] as const;
const most = 1_000_000_000_000;

/** What an operator may set on a key. Every limit that is 0 is no limit. */
const settable = {
  name,
  description: text(2_000, "What the key is for."),
  owner: text(200, "The person the key belongs to."),
  tags: words(50, "For filtering."),
  isEnabled: flag("A key that is not enabled is refused with 403."),
  expiresAt: z.nullable(instant("When the key ends; null: never, or by `activeHours`.")),
  activeHours: z.nullable(
    whole(1, 876_000, "Hours that the key lives from its first use; null: not counted from first use."),
  ),
  permissions: z
    .array(z.enum(services))
    .check(z.maxLength(4), z.describe("Services that the key may use; empty: all.")),
  concurrency: whole(0, 10_000, "Calls in flight at once; 0: no limit."),
  queueLength: whole(0, 10_000, "Calls that may wait for a free place; 0: none waits."),
  queueWaitSeconds: whole(0, 600, "How long a call may wait for a free place, in seconds."),
  windowMinutes: whole(0, 527_040, "Length of the window that the three window limits count over, in minutes."),
  windowRequests: whole(0, most, "Requests in a window; 0: no limit."),
  windowTokens: whole(0, most, "Tokens of all kinds in a window; 0: no limit."),
  windowCostUsd: usd("Cost in a window."),
  dailyCostUsd: usd("Cost in a day of the relay's time zone."),
  weeklyCostUsd: usd("Cost in a week."),
  weeklyFamilyCostUsd: z
    .partialRecord(z.enum(families), usd("Cost in a week."))
    .check(z.describe("Cost in a week by model family, such as `opus`. US dollars.")),
  weeklyResetDay: whole(1, 7, "The day on which a week begins: 1 Monday … 7 Sunday."),
  weeklyResetHour: whole(0, 23, "The hour at which a week begins, in the relay's time zone."),
  totalCostUsd: usd("Cost in the key's whole life."),
  totalTokens: whole(0, Number.MAX_SAFE_INTEGER, "Tokens of all kinds in the key's whole life; 0: no limit."),
  allowedModels: models("The only models it may use; empty: every model. A name that ends in `*` is a prefix."),
  blockedModels: models("Models it may not use. A name that ends in `*` is a prefix."),
  clients: z.array(z.enum(clients)).check(z.maxLength(3), z.describe("Programs that may use the key; empty: any.")),
  ips: ranges,
  bindings: z
    .partialRecord(
      z.enum(services),
      z.string().check(z.regex(/^(group:)?[A-Za-z0-9_-]{1,80}$/, { error: "must be an account's id or group:<id>" })),
    )
    .check(z.describe("Service → the account that serves the key, or `group:<id>`.")),
  mayFallBack: flag("Whether shared accounts may stand in for a bound one that rests."),
  aliases,
};

/** Each field is optional; null takes a value away. */
const change = Object.fromEntries(Object.entries(settable).map(([field, schema]) => [field, z.optional(schema)])) as {
  [Field in keyof typeof settable]: z.ZodMiniOptional<(typeof settable)[Field]>;
};

export const KeyChange = component("ApiKeyChange", z.strictObject(change));
export const KeyDraft = component("ApiKeyDraft", z.strictObject({ ...change, name }));
export const KeyBulkDraft = component(
  "ApiKeyBulkDraft",
  z.strictObject({
    ...change,
    name: name.check(z.describe("The keys are named `<name> 1`, `<name> 2` …")),
    count: whole(1, 500, "How many keys to make."),
  }),
);

export const keyStates = ["active", "disabled", "expired", "deleted"] as const;
export type KeyState = (typeof keyStates)[number];

const shown = {
  id: z.string(),
  prefix: z.string().check(z.describe("The first characters of the secret, for display.")),
  state: z.enum(keyStates),
  createdAt: instant("When it was made."),
  deletedAt: z.nullable(instant("When it was deleted; null: it is not.")),
  firstUsedAt: z.nullable(instant("When it was first used; null: not yet, or not counted.")),
  endsAt: z.nullable(
    instant("When it ends, by `expiresAt` or `activeHours`; null: never, or not known before its first use."),
  ),
  formerSecretUntil: z.nullable(
    instant("Until when its replaced secret is valid beside the new one; null: it has one secret."),
  ),
  leak: z
    .nullable(
      z.object({
        at: instant("When it was noticed."),
        networks: z
          .int()
          .check(z.describe("Networks (IPv4 addresses, IPv6 /64s) in that hour: 10, 20, or 40 and more.")),
      }),
    )
    .check(
      z.describe("The key was used from so many networks within an hour that it may have leaked; null: it was not."),
    ),
};

const usage = z
  .object({
    lastUsedAt: z.nullable(instant("Its latest call that is counted; null: none.")),
    todayCostUsd: z.number().check(z.describe("Cost since the day began.")),
    allCostUsd: z.number().check(z.describe("Cost of all its calls.")),
  })
  .check(z.describe("Only in lists that were asked for it."));

export const Key = component("ApiKey", z.object({ ...shown, ...settable, usage: z.optional(usage) }));
export const KeyWithSecret = component(
  "ApiKeyWithSecret",
  z.object({
    ...shown,
    ...settable,
    secret: z.string().check(z.describe("What a client shows. Told this once and kept nowhere.")),
  }),
);
export const KeyRotation = component(
  "ApiKeyRotation",
  z.strictObject({
    graceHours: whole(0, 24 * 30, "How long the present secret stays valid beside the new one; 0: it ends at once."),
  }),
);
export const KeyHandoverDraft = component(
  "ApiKeyHandoverDraft",
  z.strictObject({ secret: z.string().check(z.maxLength(200), z.describe("The secret to hand over.")) }),
);
const token = z.string().check(z.maxLength(200), z.describe("Proves the link: `/web/key#hand-over=<token>`."));
export const KeyHandoverToken = component("ApiKeyHandoverToken", z.strictObject({ token }));
export const KeyHandoverLink = component("ApiKeyHandoverLink", z.object({ token, expiresAt: z.int() }));
export const KeyHandover = component(
  "ApiKeyHandover",
  z.object({ id: z.string(), name: z.string(), secret: z.string() }),
);
export const KeyPage = component("ApiKeyPage", listOf(Key));
export const KeysWithSecrets = component(
  "ApiKeysWithSecrets",
  z.object({ items: z.array(KeyWithSecret), total: z.int() }),
);
export const Keys = component("ApiKeys", z.object({ items: z.array(Key), total: z.int() }));
export const KeyTags = component(
  "ApiKeyTags",
  z.object({
    items: z.array(z.object({ tag: z.string(), keys: z.int().check(z.describe("Keys that have it.")) })),
    total: z.int(),
  }),
);

export type KeyView = z.infer<typeof Key>;
export type KeySettings = z.infer<typeof KeyChange>;

const hidden = new Set([
  "formerSecretUntil",
  "leak",
  "tags",
  "permissions",
  "allowedModels",
  "blockedModels",
  "clients",
  "ips",
  "bindings",
  "aliases",
  "weeklyFamilyCostUsd",
]);
/** Columns that are in no key's record but in what it used: to sort by one, all totals are read. */
export const usageColumns = ["lastUsedAt", "allCostUsd"] as const;
const sortable = [...Object.keys(shown), ...Object.keys(settable), ...usageColumns].filter(
  (field) => !hidden.has(field),
);

const costBound = z.coerce.number().check(z.gte(0), z.lte(most));

const filters = {
  search: z.optional(text(200, "Part of the name, description, owner, tag, prefix or id.")),
  tag: z.optional(text(120, "Only keys with this tag.")),
  owner: z.optional(text(200, "Only this owner's keys.")),
  state: z.optional(z.enum([...keyStates, "all"]).check(z.describe("By default all but the deleted ones."))),
  boundTo: z.optional(text(90, "Only keys that are bound to this account's id, or `group:<id>`.")),
  unusedDays: z.optional(
    z.coerce
      .number()
      .check(
        z.int(),
        z.gte(1),
        z.lte(3_650),
        z.describe("Only keys this old whose latest call is as long ago, or never was."),
      ),
  ),
  minCostUsd: z.optional(
    costBound.check(z.describe("Only keys whose calls cost at least so much in all. US dollars.")),
  ),
  maxCostUsd: z.optional(costBound.check(z.describe("Only keys whose calls cost at most so much in all. US dollars."))),
};

export const KeyQuery = z.strictObject({
  ...paging,
  ...filters,
  include: z.optional(z.enum(["usage"]).check(z.describe("`usage`: latest call and cost; two commands more a page."))),
  sort: z.optional(
    z.enum(sortable as [string, ...string[]]).check(z.describe("The column to sort by; `createdAt` by default.")),
  ),
  order: z.optional(z.enum(["asc", "desc"]).check(z.describe("`desc` by default."))),
});

/** Which keys an operation on many is for. */
const chosen = {
  ids: z.optional(z.array(id).check(z.minLength(1), z.maxLength(500), z.describe("Ids of keys."))),
  filter: z.optional(
    component("ApiKeyFilter", z.strictObject(filters)).check(
      z.describe("Instead of ids: all keys that the list shows with this filter, at most 10,000."),
    ),
  ),
};
export const KeyChoice = component("ApiKeyIds", z.strictObject(chosen));
export const KeyBulkChange = component("ApiKeyBulkChange", z.strictObject({ ...chosen, change: KeyChange }));
export type KeyListing = z.infer<typeof KeyQuery>;
export type KeyUsageView = NonNullable<KeyView["usage"]>;
