import type { Endpoint } from "../env.ts";
import { Failure } from "../failure.ts";
import { match } from "../routes.ts";

/** A file under endpoints/. */
export interface EndpointFile {
  readonly handle: Endpoint;
}

/** Which endpoint answers a request, and what its route captured; throws `route.unknown` or `method.unknown`. */
export type Find = (method: string, path: string) => { endpoint: string; params: Record<string, string> };

/** By the table of routes.ts. HEAD is answered as GET would be where no route says otherwise. */
export const findRoute: Find = (method, path) => {
  const asked = `${method} ${path}`;
  const known = foundFor.get(asked);
  if (known) return known;
  const found = search(method, path);
  if (foundFor.size >= mostKnown) foundFor.clear();
  if (path.length <= 256) foundFor.set(asked, found);
  return found;
};

/** What was asked for of late: to go through the table costs as much as finding the key. */
const foundFor = new Map<string, ReturnType<Find>>();
const mostKnown = 1_000;

const search: Find = (method, path) => {
  const exact = match(method, path);
  const { found } = exact.found || method !== "HEAD" ? exact : match("GET", path);
  if (found) return { endpoint: found.route.endpoint, params: found.params };
  if (exact.isOtherMethod) throw new Failure("method.unknown", { message: `${path} does not take ${method}.` });
  throw new Failure("route.unknown", { message: `There is no ${path} here.` });
};
