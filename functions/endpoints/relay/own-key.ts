import { anthropicDialect } from "../../relay/dialects/anthropic/anthropic.ts";
import type { Endpoint, Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { identify, expiryOf } from "../../relay/flow/authenticate.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { buildOwnKey, readOwnLimits, readOwnUsage } from "../../core/usage/own-usage.ts";
import { buildSpend } from "../../core/usage/spend-view.ts";
import { json } from "../../wire/exchange.ts";

/** What each address tells the holder of the key that was shown, and of no other. */
const tell: Readonly<Record<string, (key: ApiKey, env: Env) => Promise<object>>> = {
  "/api/v1/me": async (key) => {
    const created = new Date(key.createdAt).toISOString();
    return { id: `key_${key.id}`, type: "user", display_name: key.name, created_at: created };
  },
  "/api/v1/key-info": async (key, env) => {
    return { key: buildOwnKey(key, expiryOf(key)), limits: await readOwnLimits(key, env) };
  },
  "/api/v1/usage": async (key, env) => {
    return { usage: await readOwnUsage(key, env), limits: await readOwnLimits(key, env) };
  },
};

/** GET /api/v1/usage, /api/v1/key-info, /api/v1/me, and /api/oauth/usage below each base URL; a refusal is worded as the Anthropic API would. */
export const handle: Endpoint = async (request, env) => {
  try {
    const { key } = await identify(anthropicDialect.secret(request), request.ip, env);
    const path = request.path.replace(/\/$/, "");
    const view = path.endsWith("/oauth/usage") ? buildSpend : tell[path];
    if (!view) throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
    return json(200, await view(key, env));
  } catch (error) {
    return anthropicDialect.refuse(toFailure(error), request);
  }
};
