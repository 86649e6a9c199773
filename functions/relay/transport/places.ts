import type { Account } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import type { Upstream, Upstreams } from "../upstreams/upstream.ts";
import type { Bridge } from "../bridges/pairs/bridge.ts";

/** Where an endpoint may send calls to, and the bridges it may cross on the way. */
export interface Places {
  readonly upstreams: Upstreams;
  /** The other language of accounts that have two (Vertex AI serves Claude and Gemini): for the models at home there. */
  readonly besides?: Upstreams;
  readonly bridges: readonly Bridge[];
}

/** The place at which an account serves a call; undefined if the endpoint has none for it. */
export function placeOf(account: Account, model: string | undefined, places: Places): Upstream | undefined {
  const other = places.besides?.[account.kind];
  const isAtHome = model !== undefined && other?.homeModels.test(resolveAlias(model, account.aliases));
  return isAtHome ? other : places.upstreams[account.kind];
}
