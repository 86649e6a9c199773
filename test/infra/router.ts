import { reveal, type Resource } from "./sst.ts";

export interface Routed {
  /** The host that answers; undefined if the request goes nowhere. */
  readonly host: string | undefined;
  readonly timeouts: unknown;
  readonly uri: string;
  readonly headers: Record<string, { value: string }>;
  /** Set if the router answers by itself. */
  readonly status: number | undefined;
  readonly location: string | undefined;
}

interface Origin {
  readonly domainName: string;
  readonly timeouts?: unknown;
}

type Handler = (event: object) => Promise<{
  uri: string;
  headers: Record<string, { value: string }>;
  statusCode?: number;
}>;

export type Route = (method: string, uri: string, headers?: Readonly<Record<string, string>>) => Promise<Routed>;

export const codeOf = (resources: readonly Resource[]) => {
  const found = resources.find(({ type }) => type === "aws:cloudfront/function:Function");
  return String(reveal(found?.inputs.code));
};

/** The router's generated code, run as CloudFront would with the key-value store that the deployment fills. */
export function buildRouter(resources: readonly Resource[]): Route {
  const values = valuesOf(resources);
  const code = codeOf(resources).replace(/^import cf from "cloudfront";/, "");
  return async (method, uri, given = {}) => {
    let origin: Origin | undefined;
    const get = async (key: string) => {
      const value = values.get(key);
      if (value === undefined) throw new Error("KeyNotFound");
      return value;
    };
    const cloudfront = { kvs: () => ({ get }), updateRequestOrigin: (changed: Origin) => (origin = changed) };
    const handler = new Function("cf", `${code}\nreturn handler;`)(cloudfront) as Handler;
    const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]));
    headers.host = { value: "d1.cloudfront.net" };
    const out = await handler({ request: { method, uri, querystring: {}, cookies: {}, headers } });
    return {
      host: origin?.domainName,
      timeouts: origin?.timeouts,
      uri: out.uri,
      headers: out.headers,
      status: out.statusCode,
      location: out.headers.location?.value,
    };
  };
}

function valuesOf(resources: readonly Resource[]): Map<string, string> {
  const values = new Map<string, string>();
  const routes: unknown[] = [];
  for (const { name, inputs } of resources) {
    const namespace = String(reveal(inputs.namespace));
    if (name.endsWith("KvKeys"))
      for (const [key, value] of Object.entries(reveal(inputs.entries) as object))
        values.set(`${namespace}:${key}`, String(reveal(value)));
    if (!name.endsWith("KvRoutesUpdate")) continue;
    routes.push(reveal(inputs.entry));
    values.set(`${namespace}:routes`, JSON.stringify(routes));
  }
  return values;
}
