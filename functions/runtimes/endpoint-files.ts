import { Failure } from "../failure.ts";
import type { EndpointName } from "../routes.ts";
import type { EndpointFile } from "./routing.ts";
import { memoize } from "../wire/maps.ts";

/** Loaded when first asked for, so that a start does not wait for all of them. */
const files: Record<EndpointName, () => Promise<EndpointFile>> = {
  "relay/messages": () => import("../endpoints/relay/messages.ts"),
  "relay/count-tokens": () => import("../endpoints/relay/count-tokens.ts"),
  "relay/models": () => import("../endpoints/relay/models.ts"),
  "relay/responses": () => import("../endpoints/relay/responses.ts"),
  "relay/chat-completions": () => import("../endpoints/relay/chat-completions.ts"),
  "relay/embeddings": () => import("../endpoints/relay/embeddings.ts"),
  "relay/images": () => import("../endpoints/relay/images.ts"),
  "relay/openai-models": () => import("../endpoints/relay/openai-models.ts"),
  "relay/azure": () => import("../endpoints/relay/azure.ts"),
  "relay/gemini": () => import("../endpoints/relay/gemini.ts"),
  "relay/gemini-models": () => import("../endpoints/relay/gemini-models.ts"),
  "relay/code-assist": () => import("../endpoints/relay/code-assist.ts"),
  "relay/stored": () => import("../endpoints/relay/stored.ts"),
  "relay/own-key": () => import("../endpoints/relay/own-key.ts"),
  "admin/session": () => import("../endpoints/admin/session.ts"),
  "admin/accounts": () => import("../endpoints/admin/accounts.ts"),
  "admin/oauth": () => import("../endpoints/admin/oauth.ts"),
  "admin/keys": () => import("../endpoints/admin/keys.ts"),
  "admin/usage": () => import("../endpoints/admin/usage.ts"),
  "admin/logs": () => import("../endpoints/admin/logs.ts"),
  "admin/audit": () => import("../endpoints/admin/audit.ts"),
  "admin/settings": () => import("../endpoints/admin/settings.ts"),
  "admin/backup": () => import("../endpoints/admin/backup.ts"),
  "admin/maintenance": () => import("../endpoints/admin/maintenance.ts"),
  "admin/alerts": () => import("../endpoints/admin/alerts.ts"),
  "admin/openapi": () => import("../endpoints/admin/openapi.ts"),
  "cron/refresh": () => import("../endpoints/cron/refresh.ts"),
  "cron/cleanup": () => import("../endpoints/cron/cleanup.ts"),
  "cron/rollup": () => import("../endpoints/cron/rollup.ts"),
  metrics: () => import("../endpoints/metrics.ts"),
  health: () => import("../endpoints/health.ts"),
};

/** The file of an endpoint that routes.ts names; rejects with `internal` if there is none. An import of what is loaded costs as much as a small request. */
export const loadEndpoint = memoize(100, async (name: string): Promise<EndpointFile> => {
  const load = Object.entries(files).find(([key]) => key === name)?.[1];
  if (!load) throw new Failure("internal", { cause: new Error(`no endpoint is called ${name}`) });
  return load();
});
