import type { Endpoint } from "../env.ts";
import { Failure } from "../failure.ts";
import { match, type EndpointName } from "../routes.ts";

/** A file under endpoints/. */
export interface EndpointFile {
  readonly handle: Endpoint;
}

/** Which endpoint answers a request, and what its route captured; throws `route.unknown` or `method.unknown`. */
export interface Routing {
  find(method: string, path: string): { endpoint: string; params: Record<string, string> };
  load(endpoint: string): Promise<EndpointFile>;
}

/** Loaded when first asked for, so that a start does not wait for all of them. */
const files: Partial<Record<EndpointName, () => Promise<EndpointFile>>> = {
  "relay/messages": () => import("../endpoints/relay/messages.ts"),
  "relay/count-tokens": () => import("../endpoints/relay/count-tokens.ts"),
  "relay/models": () => import("../endpoints/relay/models.ts"),
  "admin/session": () => import("../endpoints/admin/session.ts"),
  "admin/accounts": () => import("../endpoints/admin/accounts.ts"),
  "admin/oauth": () => import("../endpoints/admin/oauth.ts"),
  "admin/keys": () => import("../endpoints/admin/keys.ts"),
  "admin/openapi": () => import("../endpoints/admin/openapi.ts"),
  health: () => import("../endpoints/health.ts"),
};

const loaderOf = (name: string) => Object.entries(files).find(([key]) => key === name)?.[1];

/** The table of routes.ts over the files of endpoints/. HEAD is answered as GET would be where no route says otherwise. */
export const houseRouting: Routing = {
  find: (method, path) => {
    const exact = match(method, path);
    const { found } = exact.found || method !== "HEAD" ? exact : match("GET", path);
    if (found) return { endpoint: found.route.endpoint, params: found.params };
    if (exact.isOtherMethod) throw new Failure("method.unknown", { message: `${path} does not take ${method}.` });
    throw new Failure("route.unknown", { message: `There is no ${path} here.` });
  },
  load: (name) => {
    const load = loaderOf(name);
    if (!load) throw new Failure("internal", { cause: new Error(`no endpoint is called ${name}`) });
    return load();
  },
};
