import type { Endpoint } from "../env.ts";
import { Failure } from "../failure.ts";
import { match } from "../routes.ts";
import { memoize } from "../wire/maps.ts";

/** A file under endpoints/. */
export interface EndpointFile {
  readonly handle: Endpoint;
}

/** Which endpoint answers a request, and what its route captured; throws `route.unknown` or `method.unknown`. */
export type Find = (method: string, path: string) => { endpoint: string; params: Record<string, string> };

/** By the table of routes.ts. HEAD is answered as GET would be where no route says otherwise. */
export const findRoute: Find = (method, path) => findAsked(`${method} ${path}`);

/** To go through the table costs as much as finding the key. */
const findAsked = memoize(1_000, (asked: string) => {
  const space = asked.indexOf(" ");
  return search(asked.slice(0, space), asked.slice(space + 1));
});

const search: Find = (method, path) => {
  const exact = match(method, path);
  const { found } = exact.found || method !== "HEAD" ? exact : match("GET", path);
  if (found) return { endpoint: found.route.endpoint, params: found.params };
  if (exact.isOtherMethod) throw new Failure("method.unknown", { message: `${path} does not take ${method}.` });
  throw new Failure("route.unknown", { message: `There is no ${path} here.` });
};
