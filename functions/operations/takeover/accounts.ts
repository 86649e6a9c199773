import type { Account, Credential } from "../../core/accounts/account.ts";
import { decryptWith, openBedrock, type Decrypt } from "./secrets.ts";
import { parseJson } from "../../wire/json.ts";

/** Fields of an account of claude-relay-service, all of them text. */
export type Old = Readonly<Record<string, string | undefined>>;

interface Made {
  readonly kind: string;
  readonly credential: Credential | undefined;
  readonly change?: Partial<Account>;
}

interface OldKind {
  /** What stands before the id in the record's name. */
  readonly prefix: string;
  readonly salt: string;
  /** A reason, in English, where it has no counterpart here. */
  make(old: Old, open: Decrypt, encryptionKey: string): Made | string;
}

export const oldKinds: readonly OldKind[] = [
  {
    prefix: "claude:account:",
    salt: "salt",
    make: (old, open) => ({ kind: "claude", credential: oauth(old, open, "claudeAiOauth") }),
  },
  { prefix: "claude_console_account:", salt: "claude-console-salt", make: makeConsole },
  {
    prefix: "ccr_account:",
    salt: "ccr-account-salt",
    make: () =>
      "it is chosen by a `ccr,` before the model's name, which this relay does not know; connect it as an Anthropic-compatible account",
  },
  { prefix: "bedrock_account:", salt: "salt", make: makeBedrock },
  { prefix: "gemini_account:", salt: "gemini-account-salt", make: makeGemini },
  {
    prefix: "gemini_api_account:",
    salt: "gemini-api-salt",
    make: (old, open) => ({
      kind: "gemini",
      credential: apiKey(old, open),
      change: { ...addressOf(old.baseUrl), ...modelsOf(old) },
    }),
  },
  { prefix: "openai:account:", salt: "openai-account-salt", make: makeChatgpt },
  {
    prefix: "openai_responses_account:",
    salt: "openai-responses-salt",
    make: (old, open) => ({ kind: "openai", credential: apiKey(old, open), change: addressOf(old.baseApi) }),
  },
  { prefix: "azure_openai:account:", salt: "azure-openai-account-default-salt", make: makeAzure },
  { prefix: "droid:account:", salt: "droid-account-salt", make: () => "this relay has no Droid accounts" },
];

export interface NewAccount {
  readonly columns: Partial<Account>;
  readonly credential: Credential;
  readonly proxy: string | undefined;
}

export function buildOpener(encryptionKey: string): (kind: OldKind) => Decrypt {
  const made = new Map<string, Decrypt>();
  return ({ salt }) => {
    const found = made.get(salt) ?? decryptWith(encryptionKey, salt);
    made.set(salt, found);
    return found;
  };
}

/** An account in this relay's shape, or why it is not taken. */
export function makeAccount(kind: OldKind, old: Old, open: Decrypt, encryptionKey: string): NewAccount | string {
  const made = kind.make(old, open, encryptionKey);
  if (typeof made === "string") return made;
  const { credential, change } = made;
  if (!credential) return "its credential does not open with the ENCRYPTION_KEY given, or there is none";
  const isResting = old.rateLimitAutoStopped === "true" || old.fiveHourAutoStopped === "true";
  const columns = {
    name: old.name ?? "",
    kind: made.kind,
    createdAt: instant(old.createdAt) ?? 0,
    isEnabled: old.isActive !== "false" && (old.schedulable !== "false" || isResting),
    priority: Number(old.priority ?? "") || 50,
    isDedicated: old.accountType !== undefined && old.accountType !== "shared",
    ...(credential.kind === "oauth" ? { credentialExpiresAt: credential.expiresAt } : {}),
    ...change,
  };
  return { columns, credential, proxy: proxyOf(old.proxy) };
}

/** Milliseconds or a date, as text. */
export function instant(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(at) && at > 0 ? at : undefined;
}

function oauth(old: Old, open: Decrypt, blobField: string): Extract<Credential, { kind: "oauth" }> | undefined {
  const blob = (parseJson(open(old[blobField])) ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const accessToken = open(old.accessToken) ?? text(blob.accessToken) ?? text(blob.access_token);
  const refreshToken = open(old.refreshToken) ?? text(blob.refreshToken) ?? text(blob.refresh_token);
  if (accessToken === undefined) return undefined;
  const expiresAt = instant(old.expiresAt);
  return {
    kind: "oauth",
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(old.scopes ? { scopes: old.scopes } : {}),
  };
}

function apiKey(old: Old, open: Decrypt): Credential | undefined {
  const secret = open(old.apiKey);
  return secret === undefined ? undefined : { kind: "api-key", secret };
}

const addressOf = (url: string | undefined): Partial<Account> =>
  url ? { baseUrl: url.replace(/\/v1\/messages\/?$/, "").replace(/\/+$/, "") } : {};

/** A list of models, or a map from what is asked for to what is there. */
function modelsOf(old: Old): Partial<Account> {
  const value = parseJson(old.supportedModels);
  if (Array.isArray(value)) return { models: value.filter((one) => typeof one === "string") };
  if (typeof value !== "object" || value === null) return {};
  const pairs = Object.entries(value as Record<string, string>);
  return {
    models: pairs.map(([from]) => from),
    aliases: Object.fromEntries(pairs.filter(([from, to]) => from !== to)),
  };
}

function makeConsole(old: Old, open: Decrypt): Made {
  return { kind: "anthropic", credential: apiKey(old, open), change: { ...addressOf(old.apiUrl), ...modelsOf(old) } };
}

function makeBedrock(old: Old, _open: Decrypt, encryptionKey: string): Made {
  const keys = openBedrock(encryptionKey, parseJson(old.awsCredentials)) as Record<string, string> | undefined;
  const token = openBedrock(encryptionKey, parseJson(old.bearerToken));
  const { accessKeyId = "", secretAccessKey = "", sessionToken } = keys ?? {};
  const isKey = accessKeyId !== "" && secretAccessKey !== "";
  const change = { settings: { region: old.region ?? "us-east-1" } };
  const session = sessionToken ? { sessionToken } : {};
  if (isKey) return { kind: "bedrock", change, credential: { kind: "aws", accessKeyId, secretAccessKey, ...session } };
  if (typeof token !== "string") return { kind: "bedrock", credential: undefined };
  return {
    kind: "bedrock",
    change,
    credential: { kind: "aws", accessKeyId: "", secretAccessKey: "", bearerToken: token },
  };
}

function makeGemini(old: Old, open: Decrypt): Made | string {
  if (old.oauthProvider === "antigravity") return "it signed in to Antigravity, which this relay does not serve";
  const change = { ...modelsOf(old), ...(old.projectId ? { settings: { project: old.projectId } } : {}) };
  return { kind: "code-assist", credential: oauth(old, open, "geminiOauth"), change };
}

function makeChatgpt(old: Old, open: Decrypt): Made {
  const credential = oauth(old, open, "openaiOauth");
  if (!credential) return { kind: "chatgpt", credential };
  const accountId = old.accountId || claimOf(credential.accessToken) || old.chatgptUserId;
  return { kind: "chatgpt", credential: accountId ? { ...credential, extra: { accountId } } : credential };
}

/** What OpenAI writes into its tokens about the account. */
function claimOf(token: string): string | undefined {
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  const auth = (claims as Record<string, Record<string, unknown>> | undefined)?.["https://api.openai.com/auth"];
  return typeof auth?.chatgpt_account_id === "string" ? auth.chatgpt_account_id : undefined;
}

function makeAzure(old: Old, open: Decrypt): Made {
  const settings: Record<string, string> = {};
  if (old.deploymentName) settings.deployment = old.deploymentName;
  if (old.apiVersion) settings.apiVersion = old.apiVersion;
  const change = { ...addressOf(old.azureEndpoint), ...modelsOf(old), settings };
  return { kind: "azure-openai", credential: apiKey(old, open), change };
}

function proxyOf(text: string | undefined): string | undefined {
  const proxy = parseJson(text) as Record<string, string | number> | undefined;
  if (!proxy?.host || !proxy.port) return undefined;
  const { username, password } = proxy;
  const user = username ? `${encodeURIComponent(username)}:${encodeURIComponent(password ?? "")}@` : "";
  return `${proxy.type ?? "http"}://${user}${proxy.host}:${proxy.port}`;
}
