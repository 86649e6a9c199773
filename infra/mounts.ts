import { routes, type EndpointName, type Method, type Route } from "../functions/routes.ts";
import { buildExpression, oneOf, shapeOf } from "./expression.ts";
import { type Mount, segmentsOf } from "./segments.ts";

export type { Mount };

/** A regular expression for `<method><path>`, such as `GET/v1/models`, and the endpoint that answers what fits it. */
/** The router's half of routes.ts: which function, not yet whether there is such a route (the function answers that). */
export function buildMounts(table: readonly Route[] = routes): Mount[] {
  const groups = new Map<string, { endpoint: EndpointName; methods: string; shapes: Set<string> }>();
  for (const [shape, claims] of claimsByShape(table)) {
    for (const [endpoint, claimed] of claims) {
      const methods = claims.size === 1 ? "\\w+" : oneOf(claimed.includes("GET") ? [...claimed, "HEAD"] : claimed);
      const group = groups.get(endpoint + methods) ?? { endpoint, methods, shapes: new Set() };
      groups.set(endpoint + methods, group);
      group.shapes.add(shape);
    }
  }
  return [...groups.values()].map(({ endpoint, methods, shapes }) => {
    return { endpoint, expression: `^${methods}${buildExpression([...shapes])}$`, segments: segmentsOf(shapes) };
  });
}

/** Who takes which methods of a shape; as in match(), the first row that takes a method keeps it. */
function claimsByShape(table: readonly Route[]): Map<string, Map<EndpointName, Method[]>> {
  const byShape = new Map<string, Map<EndpointName, Method[]>>();
  for (const { path, methods, endpoint } of table) {
    const claims = byShape.get(shapeOf(path)) ?? new Map<EndpointName, Method[]>();
    const free = methods.filter((method) => ![...claims.values()].flat().includes(method));
    if (free.length > 0) claims.set(endpoint, [...(claims.get(endpoint) ?? []), ...free]);
    byShape.set(shapeOf(path), claims);
  }
  return byShape;
}
