import { askModels, type ModelEntry, readModels } from "./transport/model-lists.ts";
import type { Places } from "./transport/places.ts";
import type { Call, Dialect } from "./dialects/dialect.ts";
import type { ListedModel, ModelWords } from "./dialects/models.ts";
import type { Endpoint, Env } from "../env.ts";
import { cache } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import { identify } from "./flow/authenticate.ts";
import { authorize } from "./flow/authorize.ts";
import { admitFree } from "./flow/free-calls.ts";
import { rank } from "./flow/select.ts";
import type { Account } from "../core/accounts/account.ts";
import { resolveAlias } from "../core/keys/aliases.ts";
import { findPrice } from "../core/money/price.ts";
import { isModelName, mayUse } from "../core/keys/model-rights.ts";
import type { ApiKey } from "../core/keys/key.ts";
import type { Pool } from "../core/accounts/pool.ts";
import type { Upstream } from "./upstreams/upstream.ts";
import type { Headers, Request } from "../wire/exchange.ts";
import { json } from "../wire/exchange.ts";

/** What may be asked at this address, and in whose words. */
export interface Listing {
  readonly dialect: Dialect;
  readonly places: Places;
  readonly words: ModelWords;
  /** Asks the provider about one model that no list names: some answer to more names than they list. */
  readonly beyond?: Endpoint;
}

/** The models that a key may really use here: what its accounts list or serve, less what the key may not ask for. */
export function models({ dialect, places, words, beyond }: Listing): Endpoint {
  return async (request, env) => {
    try {
      const { key, pool } = await identify(dialect.secret(request), request.ip, env);
      admitFree(key, env);
      const { id } = request.params;
      const found = await listModels({ call: readCall(request, dialect), key, pool, places }, env);
      if (id === undefined) return json(200, words.list(found));
      const one = found.find((model) => model.id === id);
      if (one) return json(200, words.one(one));
      if (beyond && isModelName(id) && mayUse(key, id)) return await beyond(request, env);
      throw new Failure("model.unknown", {
        message: `The model '${id}' does not exist or you do not have access to it.`,
      });
    } catch (error) {
      return dialect.refuse(toFailure(error), request);
    }
  };
}

const readCall = (request: Request, dialect: Dialect): Call => ({
  ...dialect.read(request, Buffer.alloc(0)),
  model: undefined,
});

interface Asked {
  readonly call: Call;
  readonly key: ApiKey;
  readonly pool: Pool;
  readonly places: Places;
}

async function listModels(asked: Asked, env: Env): Promise<ListedModel[]> {
  const { call, key, places } = asked;
  const services = Object.values({ ...places.upstreams, ...places.besides }).map(({ service }) => service);
  const permitted = services.find((service) => key.permissions.length === 0 || key.permissions.includes(service));
  authorize(key, { ...call, service: permitted ?? call.service });
  // The same order each time: the language's own provider first, then as the accounts were made.
  const isForeign = ({ kind }: Account) => Number(places.upstreams[kind]?.service !== call.service);
  const reached = serving(asked, undefined, env).toSorted(
    (one, other) =>
      isForeign(one) - isForeign(other) || one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1),
  );
  const lists = await Promise.all(reached.map((account) => modelsOf(account, asked, env)));
  const found = new Map<string, ListedModel>();
  for (const [id, offers] of Map.groupBy(lists.flat(), ({ model }) => model.id)) {
    if (!mayUse(key, id)) continue;
    // The others might be asked for it as a last resort, but do not know it.
    const servers = new Set(serving(asked, id, env).map((account) => account.id));
    const offer = offers.findLast(({ account }) => servers.has(account));
    if (offer) found.set(id, offer.model);
  }
  const aliases = aliasesOf(key, (model) => mayUse(key, model) && serving(asked, model, env).length > 0);
  return [...found.values(), ...aliases].map((model) => ({ ...model, description: describe(model, asked, env) }));
}

/** The provider's own words, or else who has it and what it costs; of an alias, which model it stands for. */
function describe({ id, ownedBy, entry }: ListedModel, { key, pool }: Asked, env: Env): string {
  if (typeof entry?.description === "string" && entry.description !== "") return entry.description;
  const model = resolveAlias(id, key.aliases);
  const price = findPrice(model, env.now(), pool.prices);
  const dollars = (picos: number) => `$${picos / 1e6}`;
  const cost = price && `${dollars(price.inputPicos)} in, ${dollars(price.outputPicos)} out per million tokens`;
  return [model === id ? ownedBy : model, cost].filter((part) => part !== undefined).join(" · ");
}

/** Accounts that serve the key now, and those that will again when they have rested; without a model: some model. */
function serving({ call, key, pool, places }: Asked, model: string | undefined, env: Env): Account[] {
  const moment = { now: env.now(), zone: env.config, most: Infinity };
  const { candidates, passedOver } = rank({ ...call, model }, key, pool, places, moment);
  const resting = passedOver.filter(({ untilAt }) => untilAt !== undefined);
  return [...candidates, ...resting.flatMap(({ account }) => pool.accountById.get(account) ?? [])];
}

const isName = (entry: string): boolean => !entry.endsWith("*");
const named = (ids: readonly string[], createdAt: number, ownedBy: string): ListedModel[] =>
  ids.filter(isName).map((id) => ({ id, created: Math.floor(createdAt / 1000), ownedBy }));

/** The names under which the key's holder may ask for what it may use. */
function aliasesOf(key: ApiKey, isServed: (model: string) => boolean): ListedModel[] {
  const names = Object.keys(key.aliases).filter((name) => isServed(resolveAlias(name, key.aliases)));
  return named(names, key.createdAt, "key");
}

interface Offer {
  /** The account's id. */
  readonly account: string;
  readonly model: ListedModel;
}

/** What the operator listed, and where that is a pattern or nothing, what the provider lists; aliases are names, too. */
async function modelsOf(account: Account, { call, places }: Asked, env: Env): Promise<Offer[]> {
  const names = [...account.models, ...Object.keys(account.aliases)];
  const own = named(names, account.createdAt, account.kind);
  const offer = (models: readonly ListedModel[]) => models.map((model) => ({ account: account.id, model }));
  if (account.models.length > 0 && account.models.every(isName)) return offer(own);
  const at = [places.upstreams[account.kind], places.besides?.[account.kind]].filter((place) => place !== undefined);
  const offered = await Promise.all(at.map((upstream) => offeredBy(account, upstream, call.headers, env)));
  // Gemini lists models that embed, draw or film beside those that answer: other languages have no word for them.
  const isSaid = ({ entry }: ListedModel) => call.dialect === "gemini" || generates(entry);
  return offer([...offered.flat().filter(isSaid), ...own]);
}

const freshMs = 10 * 60_000;

interface Offered {
  readonly models: Promise<ListedModel[]>;
  readonly at: number;
}

const offersOf = cache<Offered>("offers");

/** The provider's own list, asked for at most every ten minutes; empty while it cannot be had. */
function offeredBy(account: Account, upstream: Upstream, headers: Headers, env: Env): Promise<ListedModel[]> {
  const offers = offersOf(env);
  const name = `${account.id} ${upstream.service} ${account.baseUrl ?? ""}`;
  const known = offers.get(name);
  if (known && env.now() - known.at < freshMs) return known.models;
  const asked = ask(account, upstream, headers, env).catch((error: unknown) => {
    env.log("warn", "models not listed", { account: account.id, error });
    offers.delete(name);
    return [];
  });
  offers.set(name, { models: asked, at: env.now() });
  return asked;
}

/** A sign-in serves its provider's own tool only, which asks here as itself. */
async function ask(account: Account, upstream: Upstream, headers: Headers, env: Env): Promise<ListedModel[]> {
  const { status, text } = await askModels(account, upstream, env, upstream.onlyClient ? headers : {});
  const entries = status === 200 ? readModels(JSON.parse(text), upstream) : undefined;
  if (!entries) throw new Failure("upstream.refused", { message: `The list of models was answered with ${status}.` });
  return [...entries].map(([id, entry]) => readEntry(id, entry, account));
}

function readEntry(id: string, entry: ModelEntry, { kind }: Account): ListedModel {
  const { created, created_at: instant, owned_by: owner } = entry;
  const at = typeof created === "number" ? created : Date.parse(String(instant)) / 1000;
  return { id, created: at > 0 ? at : 0, ownedBy: typeof owner === "string" ? owner : kind, entry };
}

function generates({ supportedGenerationMethods: methods }: ModelEntry = {}): boolean {
  return !Array.isArray(methods) || methods.includes("generateContent");
}
