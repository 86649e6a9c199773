import * as z from "zod/mini";
import { oauthProviders } from "../../relay/upstreams/oauth/providers.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import { component } from "../http/component.ts";
import {
  aliases,
  flag,
  instant,
  listOf,
  models,
  name,
  paging,
  proxy,
  text,
  webAddress,
  whole,
  words,
} from "../http/fields.ts";

const kinds = Object.keys(upstreams) as [string, ...string[]];
export const accountKind = z.enum(kinds).check(z.describe("The place that the account is at."));
export const signInKind = z.enum(Object.keys(oauthProviders) as [string, ...string[]]);

/**
 * A secret without what pasting adds: quotes around it, `Bearer ` before it, the line ends of a narrow terminal, signs
 * without width. The JSON of a service account's key stays as it is.
 */
function mend(pasted: string): string {
  const plain = pasted.replace(/[\u200b-\u200d\u2060\ufeff]/g, "").trim();
  if (plain.startsWith("{")) return plain;
  const bare = plain.replace(/^(["'`])([^]*)\1$/, "$2").trim();
  return bare.replace(/^Bearer\s+/i, "").replace(/\s*[\r\n]+\s*/g, "");
}

const isSendable = (mended: string) => mended.startsWith("{") || /^[!-~]*$/.test(mended);
const unsendable = "has a space or a sign that no header can carry: copy it again";
const secret = (about: string) =>
  z
    .string()
    .check(
      z.overwrite(mend),
      z.minLength(1),
      z.maxLength(20_000),
      z.refine(isSendable, { error: unsendable }),
      z.describe(about),
    );
export const CredentialInput = component(
  "CredentialInput",
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("api-key"),
      secret: secret("The API key; for kind vertex the JSON of a service account's key."),
      shownAs: z.optional(
        z
          .enum(["x-api-key", "bearer", "api-key"])
          .check(z.describe("How it is shown to the provider; by default as the provider's own API wants it.")),
      ),
    }),
    z.strictObject({
      kind: z.literal("oauth"),
      accessToken: secret("The access token, or a setup-token."),
      refreshToken: z.optional(secret("Absent for a setup-token, which cannot be renewed.")),
      expiresAt: z.optional(instant("When the access token ends.")),
      scopes: z.optional(text(1_000, "Separated by spaces.")),
    }),
    z.strictObject({
      kind: z.literal("aws"),
      accessKeyId: z.optional(secret("The access key's id.")),
      secretAccessKey: z.optional(secret("The secret access key.")),
      sessionToken: z.optional(secret("Only for temporary credentials.")),
      bearerToken: z.optional(secret("A Bedrock API key, instead of an access key.")),
    }),
  ]),
);

export const settings = z
  .record(z.string().check(z.minLength(1), z.maxLength(60)), z.string().check(z.maxLength(2_000)))
  .check(
    z.describe(
      "What differs from the kind's own: for kinds with sign-in `authorizeUrl`, `tokenUrl`, `clientId`, `redirectUri`, `scopes`, `setupScopes`.",
    ),
  );

const hour = whole(0, 24, "An hour of the relay's time zone.");
/** What an operator may set on an account and read again. */
const settable = {
  name,
  isEnabled: flag("A paused account takes no new calls."),
  priority: whole(0, 1_000, "Lower is tried first; accounts of one priority share the work by weight."),
  weight: whole(1, 1_000, "Share of the work among accounts of one priority."),
  maxConcurrency: whole(0, 10_000, "Calls in flight at once; 0: no limit."),
  baseUrl: z.nullable(webAddress("Where the API is; null: the kind's own address.")),
  models: models("The only models it serves; empty: whatever its kind serves. A name that ends in `*` is a prefix."),
  aliases,
  groups: words(50, "Ids of the groups that it belongs to."),
  isDedicated: flag("A dedicated account only serves keys that are bound to it."),
  schedule: z.nullable(
    z.strictObject({ fromHour: hour, toHour: hour }).check(z.describe("Hours between which it serves; null: always.")),
  ),
  settings,
};

const change = Object.fromEntries(Object.entries(settable).map(([field, schema]) => [field, z.optional(schema)])) as {
  [Field in keyof typeof settable]: z.ZodMiniOptional<(typeof settable)[Field]>;
};
/** Secrets go in and never come out. */
const writeOnly = { credential: z.optional(CredentialInput), proxy: z.optional(z.nullable(proxy)) };

export const AccountChange = component("AccountChange", z.strictObject({ ...change, ...writeOnly }));
export const AccountDraft = component(
  "AccountDraft",
  z.strictObject({ ...change, ...writeOnly, name, kind: accountKind }),
);

export const Cooldown = component(
  "Cooldown",
  z.object({
    scope: z.string().check(z.describe("`account`, or `family:<name>` for one family of its models.")),
    reason: z.string(),
    sinceAt: instant("When the rest began."),
    untilAt: instant("When it ends."),
  }),
);
export const accountStates = ["serving", "cooling", "stopped", "paused", "no-credential"] as const;
export const AccountState = component(
  "AccountState",
  z.object({
    status: z
      .enum(accountStates)
      .check(
        z.describe("`cooling`: the whole account rests; one that only rests for a family of models is `serving`."),
      ),
    reason: z.nullable(z.string()),
    untilAt: z.nullable(instant("When a cooling account serves again.")),
    cooldowns: z.array(Cooldown).check(z.describe("All that rests now, the families too.")),
  }),
);

export const AccountView = component(
  "Account",
  z.object({
    id: z.string(),
    kind: accountKind,
    service: z
      .string()
      .check(z.describe("What keys' permissions and bindings call the service: claude, openai, gemini, azure.")),
    ...settable,
    proxy: z.nullable(z.string()).check(z.describe("The proxy's URL without its password.")),
    hasCredential: z.boolean(),
    credentialKind: z.enum(["api-key", "oauth", "aws"]),
    credentialHint: z.nullable(z.string()).check(z.describe("The last four characters of the secret.")),
    credentialExpiresAt: z.nullable(instant("When the credential ends; null: it does not, or nobody knows.")),
    canRefresh: z.boolean().check(z.describe("Whether the relay renews the credential by itself.")),
    subject: z
      .nullable(z.string())
      .check(z.describe("Who signed in: the e-mail or organisation that the provider told.")),
    createdAt: instant("When it was connected."),
    state: AccountState,
  }),
);
export type AccountViewShape = z.infer<typeof AccountView>;

export const AccountPage = component("AccountPage", listOf(AccountView));
export const AccountQuery = z.strictObject({
  ...paging,
  search: z.optional(text(200, "Part of the name, kind, subject or id.")),
  kind: z.optional(accountKind),
  status: z.optional(z.enum(accountStates)),
  group: z.optional(text(80, "Only accounts of this group.")),
});

export const AccountTest = component(
  "AccountTest",
  z.strictObject({ model: z.optional(text(200, "A model that must be in the list.")) }),
);
export const AccountTestReport = component(
  "AccountTestReport",
  z.object({
    isOk: z.boolean(),
    status: z.nullable(z.int()).check(z.describe("The provider's HTTP status; null: it could not be reached.")),
    latencyMs: z.int().check(z.describe("Until the whole answer was there, in milliseconds.")),
    message: z.string().check(z.describe("What came of it, in words; the provider's own where it refused.")),
    models: z.array(z.string()).check(z.describe("The models that the provider lists.")),
  }),
);
