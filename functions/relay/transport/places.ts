import type { Account } from "../../core/accounts/account.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import type { Call } from "../dialects/dialect.ts";
import type { Upstream, Upstreams } from "../upstreams/upstream.ts";
import type { Bridge } from "../bridges/bridge.ts";

/** Where an endpoint may send calls to, and the bridges it may cross on the way. */
export interface Places {
  readonly upstreams: Upstreams;
  /** The other language of accounts that have two (Vertex AI serves Claude and Gemini): for the models at home there. */
  readonly besides?: Upstreams;
  readonly bridges: readonly Bridge[];
}

/** The place at which an account serves a call; undefined if the endpoint has none for it. */
export function placeOf(account: Account, { model, dialect }: Asked, places: Places): Upstream | undefined {
  const other = places.besides?.[account.kind];
  const asked = model === undefined ? undefined : resolveAlias(model, account.aliases);
  const isAtHome = asked !== undefined && other?.homeModels.test(asked);
  const upstream = isAtHome ? other : places.upstreams[account.kind];
  return upstream?.inLanguage?.(account, { model: asked, dialect }) ?? upstream;
}

type Asked = Pick<Call, "model" | "dialect">;
