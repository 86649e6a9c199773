import type { ApiKey } from "../../core/keys/key.ts";
import type { Env } from "../../env.ts";
import type { Request } from "../../wire/exchange.ts";
import { openId, sealId } from "../upstreams/sealed-ids.ts";
import { isObject, type JsonObject } from "../../wire/json.ts";

/** Whose answer is rewritten, and for whom. */
export interface Scope {
  readonly key: ApiKey;
  /** The account's id. */
  readonly account: string;
  /** The relay's own address with the mount that was asked, such as `https://relay.example.com/api`. */
  readonly base: string;
}

/** Where a client reaches this relay: PUBLIC_URL, or the host that it asked; what a proxy says of that only if it is trusted. */
export function ownAddress({ headers }: Request, { config }: Pick<Env, "config">): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/+$/, "");
  const told = (name: string) => (config.TRUST_PROXY ? headers[name]?.split(",")[0]?.trim() : undefined);
  const host = told("x-forwarded-host") ?? headers.host ?? "";
  return `${told("x-forwarded-proto") === "https" ? "https" : "http"}://${/^[\w.:[\]-]+$/.test(host) ? host : "localhost"}`;
}

/** Fields that hold an id, or a list of them. */
const idFields = /^(?:id|first_id|last_id|.*file_ids?|file|skill_id|latest_version|parent)$/;
/** Ids that accounts keep something under; a list's own ids of messages or requests are none. */
const keptId = /^(?:file|batch|msgbatch|skill|skillver)[_-][\w-]+$/;
const keptName = /^(files|cachedContents|batches)\/([\w-]+)$/;
/** Addresses that clients follow with their key. */
const addressFields = /(?:_url|_uri|uri|url|Uri|Url|^next|^previous|Link)$/;

/** An answer whose ids are the key's own and whose addresses are the relay's. Words of a client's (names, metadata) stay. */
export function rewriteAnswer(value: unknown, scope: Scope, env: Pick<Env, "config">, field = ""): unknown {
  if (Array.isArray(value)) return value.map((each) => rewriteAnswer(each, scope, env, field));
  if (isObject(value)) return rewriteFields(value, scope, env);
  if (typeof value !== "string") return value;
  if (addressFields.test(field) && /^https?:/i.test(value)) return rewriteAddress(value, scope, env);
  if (idFields.test(field) && keptId.test(value)) return seal(value, scope, env);
  const [, kind, id] = field === "name" || field === "cachedContent" ? (keptName.exec(value) ?? []) : [];
  return kind !== undefined && id !== undefined ? `${kind}/${seal(id, scope, env)}` : value;
}

function rewriteFields(fields: JsonObject, scope: Scope, env: Pick<Env, "config">): JsonObject {
  const entries = Object.entries(fields).map(([name, value]) => {
    const isWords = name === "metadata" || name === "displayName" || name === "filename";
    return [name, isWords ? value : rewriteAnswer(value, scope, env, name)] as const;
  });
  return Object.fromEntries(entries);
}

const seal = (id: string, { account, key }: Scope, env: Pick<Env, "config">): string =>
  sealId({ account, id }, key.id, env.config);

const inAddress = /(\/(?:files|batches|skills|cachedContents)\/)([\w-]+)/g;
const secretName = /^(?:\$?\.?(?:key|access_token|oauth_token)|api[-_]?key)$/i;

/** The same path here, whatever host it names: what lies elsewhere is not for a relay's key. */
function rewriteAddress(address: string, scope: Scope, env: Pick<Env, "config">): string {
  const url = URL.parse(address);
  if (!url) return "";
  for (const name of [...url.searchParams.keys()]) if (secretName.test(name)) url.searchParams.delete(name);
  const path = url.pathname.replace(/^.*?(?=\/(?:upload\/)?v\d\w*\/)/, "");
  return `${scope.base}${path.replaceAll(inAddress, (_all, at: string, id: string) => `${at}${seal(id, scope, env)}`)}${url.search}`;
}

/** Where the rest of a resumable upload goes: the provider's whole address is sealed, for it is a credential. */
export function sealUpload(address: string, { account, key, base }: Scope, env: Pick<Env, "config">): string {
  const sealed = sealId({ account, id: address }, key.id, env.config);
  return `${base}/upload/v1beta/files?upload_id=${sealed}&upload_protocol=resumable`;
}

/** The provider's address that an upload's query names, and its account. */
export function openUpload(query: string, key: ApiKey, env: Pick<Env, "config">) {
  return openId(new URLSearchParams(query).get("upload_id") ?? "", key.id, env.config);
}
