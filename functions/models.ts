import type { Places } from "./bridges/places.ts";
import type { Call, Dialect, Service } from "./dialects/dialect.ts";
import type { ListedModel } from "./dialects/openai-models.ts";
import type { Endpoint, Env } from "./env.ts";
import { perEnv } from "./env.ts";
import { Failure, toFailure } from "./failure.ts";
import { identify } from "./flow/authenticate.ts";
import { authorize } from "./flow/authorize.ts";
import type { Moment } from "./flow/select.ts";
import { rank } from "./flow/select.ts";
import type { Account } from "./records/account.ts";
import { isListed } from "./records/alias.ts";
import { openCredential, openProxy } from "./records/credential.ts";
import type { ApiKey } from "./records/key.ts";
import type { Pool } from "./records/pool.ts";
import type { Upstream } from "./upstreams/upstream.ts";
import type { Inbound } from "./wire/dispatch.ts";
import type { Headers, Request } from "./wire/exchange.ts";
import { json } from "./wire/exchange.ts";

/** How a dialect words a list of models, and one. */
export interface ModelWords {
  list(models: readonly ListedModel[]): unknown;
  one(model: ListedModel): unknown;
}

/** The models that a key may really use here: what its accounts list or serve, less what the key may not ask for. */
export function models(dialect: Dialect, places: Places, words: ModelWords): Endpoint {
  return async (request, env) => {
    try {
      const found = await listModels(request, dialect, places, env);
      const { id } = request.params;
      if (id === undefined) return json(200, words.list(found));
      const one = found.find((model) => model.id === id);
      if (one) return json(200, words.one(one));
      throw new Failure("model.unknown", {
        message: `The model '${id}' does not exist or you do not have access to it.`,
      });
    } catch (error) {
      return dialect.refuse(toFailure(error), request);
    }
  };
}

async function listModels(request: Request, dialect: Dialect, places: Places, env: Env): Promise<ListedModel[]> {
  const { key, pool } = await identify(dialect.secret(request), request.ip, env);
  const call = dialect.read(request, Buffer.alloc(0));
  const services = Object.values(places.upstreams).map(({ service }) => service);
  const permitted = services.filter((service) => key.permissions.length === 0 || key.permissions.includes(service));
  authorize(key, { ...call, service: permitted[0] ?? call.service });
  const reachable = findReachable(call, key, pool, places, { now: env.now(), zone: env.config, most: Infinity }).filter(
    (account) => {
      const upstream = places.upstreams[account.kind];
      return upstream && permitted.includes(upstream.service);
    },
  );
  const lists = await Promise.all(reachable.map((account) => modelsOf(account, places.upstreams[account.kind], env)));
  const byId = new Map(lists.flat().map((model) => [model.id, model]));
  return [...byId.values()].filter(({ id }) => mayUse(key, id));
}

/** Accounts that serve this key now, and those that will again when they have rested. */
function findReachable(call: Call, key: ApiKey, pool: Pool, places: Places, moment: Moment): Account[] {
  const { candidates, passedOver } = rank(call, key, pool, places, moment);
  const resting = passedOver.filter(({ untilAt }) => untilAt !== undefined);
  const rested = resting.flatMap(({ account }) => pool.accountById.get(account) ?? []);
  return [...candidates, ...rested];
}

function mayUse(key: ApiKey, model: string): boolean {
  const isInside = key.allowedModels.length === 0 || isListed(model, key.allowedModels);
  return isInside && !isListed(model, key.blockedModels);
}

/** What the operator listed, and where that is a pattern or nothing, what the provider lists; aliases are names, too. */
async function modelsOf(account: Account, upstream: Upstream | undefined, env: Env): Promise<ListedModel[]> {
  const isName = (entry: string) => !entry.endsWith("*");
  const named = [...account.models, ...Object.keys(account.aliases)].filter(isName);
  const own = named.map((id) => ({ id, created: Math.floor(account.createdAt / 1000), ownedBy: account.kind }));
  if (!upstream || (account.models.length > 0 && account.models.every(isName))) return own;
  const offered = await offeredBy(account, upstream, env);
  const isServed = ({ id }: ListedModel) => account.models.length === 0 || isListed(id, account.models);
  return [...offered.filter(isServed), ...own];
}

const freshMs = 10 * 60_000;
const timeoutMs = 10_000;

interface Offered {
  readonly models: Promise<ListedModel[]>;
  readonly at: number;
}

const offersOf = perEnv(() => new Map<string, Offered>());

/** The provider's own list, asked for at most every ten minutes; empty while it cannot be had, or is not for API keys. */
function offeredBy(account: Account, upstream: Upstream, env: Env): Promise<ListedModel[]> {
  const offers = offersOf(env);
  const name = `${account.id} ${account.baseUrl ?? ""}`;
  const known = offers.get(name);
  if (known && env.now() - known.at < freshMs) return known.models;
  const asked = ask(account, upstream, env).catch((error: unknown) => {
    env.log("warn", "models not listed", { account: account.id, error });
    offers.delete(name);
    return [];
  });
  if (offers.size > 1_000) offers.clear();
  offers.set(name, { models: asked, at: env.now() });
  return asked;
}

async function ask(account: Account, upstream: Upstream, env: Env): Promise<ListedModel[]> {
  const credential = openCredential(account, env);
  if (credential?.kind !== "api-key") return [];
  const call: Call = {
    ...{ dialect: upstream.dialect, service: upstream.service, operation: "models", isMetered: false, method: "GET" },
    ...{
      target: upstream.listing?.target ?? "/v1/models?limit=1000",
      model: undefined,
      isStream: false,
      session: undefined,
      client: undefined,
    },
    ...{ maxOutputTokens: undefined, body: Buffer.alloc(0), rules: [] },
    headers: { accept: "application/json", "accept-encoding": "identity", ...wanted[upstream.service] },
  };
  const proxy = openProxy(account, env);
  const inbound = await env.dispatch({
    method: "GET",
    url: upstream.address(account, call),
    headers: await upstream.sign(call.headers, credential, call, account),
    headTimeoutMs: timeoutMs,
    silenceTimeoutMs: timeoutMs,
    ...(proxy === undefined ? {} : { proxy }),
  });
  return readList(await readText(inbound), account);
}

/** Headers that a provider's list wants beside the credential. */
const wanted: Partial<Record<Service, Headers>> = { claude: { "anthropic-version": "2023-06-01" } };

const mostBytes = 8 * 1024 * 1024;

async function readText(inbound: Inbound): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await inbound.body.read(); part; part = await inbound.body.read()) {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostBytes) inbound.body.cancel();
    if (bytes > mostBytes) throw new Failure("upstream.refused", { message: "The list of models is too long." });
  }
  if (inbound.status === 200) return Buffer.concat(parts).toString("utf8");
  throw new Failure("upstream.refused", { message: `The list of models was answered with ${inbound.status}.` });
}

type Loose = Readonly<Record<string, unknown>>;

/** `{"data":[{"id"}]}` of OpenAI and Anthropic, `{"models":[{"name":"models/<id>"}]}` of Gemini. Throws where the answer is neither. */
function readList(text: string, account: Account): ListedModel[] {
  const { data, models: named } = JSON.parse(text) as { data?: unknown; models?: unknown };
  if (Array.isArray(named)) return (named as Loose[]).filter(generates).map((entry) => readEntry(entry, account));
  const entries = Array.isArray(data) ? (data as Loose[]) : [];
  return entries.filter((entry) => typeof entry.id === "string").map((entry) => readEntry(entry, account));
}

function readEntry({ id, name, created, owned_by: owner }: Loose, { kind }: Account): ListedModel {
  return {
    id: String(id ?? name).replace(/^models\//, ""),
    created: typeof created === "number" ? created : 0,
    ownedBy: typeof owner === "string" ? owner : kind,
  };
}

/** Gemini lists models that embed, draw or film beside those that answer. */
function generates({ name, supportedGenerationMethods: methods }: Loose): boolean {
  return typeof name === "string" && Array.isArray(methods) && methods.includes("generateContent");
}
