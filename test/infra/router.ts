import { getQuickJS, type QuickJSContext, type QuickJSWASMModule } from "quickjs-emscripten";
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
  /** Values that were asked of the key-value store. */
  readonly reads: number;
}

export interface Seen {
  /** Whom CloudFront sees. */
  readonly viewer?: string;
  /** The query string, without its question mark. */
  readonly query?: string | undefined;
}

export type Route = (
  method: string,
  uri: string,
  headers?: Readonly<Record<string, string>>,
  seen?: Seen,
) => Promise<Routed>;

export const codeOf = (resources: readonly Resource[]) => {
  const found = resources.find(({ type }) => type === "aws:cloudfront/function:Function");
  return String(reveal(found?.inputs.code));
};

/**
 * The router's generated code in a small engine of its own (QuickJS), which has nothing of Node's, as CloudFront would run it
 * with the key-value store that the deployment fills.
 */
export async function buildRouter(resources: readonly Resource[]): Promise<Route> {
  const engine = await getQuickJS();
  const program = programOf(resources);
  return (method, uri, headers = {}, seen = {}) =>
    Promise.resolve(run(engine, program, eventOf(method, uri, headers, seen), 1).routed);
}

/**
 * Steps that one request takes: calls, turns of loops and of regular expressions, as QuickJS counts them for its interrupts,
 * over many rounds. Not AWS's unit, but it grows with the same things, and is the same on every machine.
 */
export async function countSteps(resources: readonly Resource[], method: string, uri: string): Promise<number> {
  const engine = await getQuickJS();
  const rounds = 2_000;
  const { interrupts } = run(engine, programOf(resources), eventOf(method, uri, {}, {}), rounds);
  return (interrupts * stepsPerInterrupt) / rounds;
}

/** JS_INTERRUPT_COUNTER_INIT of QuickJS. */
const stepsPerInterrupt = 10_000;

function programOf(resources: readonly Resource[]): string {
  const code = codeOf(resources).replace(/^import cf from "cloudfront";/, "");
  return `const values = new Map(${JSON.stringify([...valuesOf(resources)])});
    const seen = { reads: 0, origin: undefined };
    const cf = {
      kvs: () => ({ get: async (key) => {
        seen.reads += 1;
        if (!values.has(key)) throw new Error("KeyNotFound");
        return values.get(key);
      } }),
      updateRequestOrigin: (origin) => { seen.origin = origin; },
    };
    ${code}
    globalThis.route = async (event, rounds) => {
      let out;
      for (let round = 0; round < rounds; round += 1) {
        seen.reads = 0;
        seen.origin = undefined;
        out = await handler(JSON.parse(event));
      }
      globalThis.result = JSON.stringify({ out, ...seen });
    };`;
}

interface Result {
  readonly out: {
    readonly uri: string;
    readonly headers: Record<string, { value: string }>;
    readonly statusCode?: number;
  };
  readonly reads: number;
  readonly origin?: { readonly domainName: string; readonly timeouts?: unknown };
}

function run(engine: QuickJSWASMModule, program: string, event: object, rounds: number) {
  const runtime = engine.newRuntime();
  let interrupts = 0;
  runtime.setInterruptHandler(() => {
    interrupts += 1;
    return false;
  });
  const context = runtime.newContext();
  try {
    evaluate(context, program);
    interrupts = 0;
    evaluate(
      context,
      `route(${JSON.stringify(JSON.stringify(event))}, ${rounds}).catch((error) => {
      globalThis.result = JSON.stringify({ error: String(error) });
    })`,
    );
    runtime.executePendingJobs().dispose();
    const { error, ...result } = JSON.parse(evaluate(context, "result")) as Result & { error?: string };
    if (error !== undefined) throw new Error(`The router failed: ${error}`);
    return { routed: routedOf(result), interrupts };
  } finally {
    context.dispose();
    runtime.dispose();
  }
}

function evaluate(context: QuickJSContext, code: string): string {
  const handle = context.unwrapResult(context.evalCode(code));
  const value = context.getString(handle);
  handle.dispose();
  return value;
}

const routedOf = ({ out, origin, reads }: Result): Routed => ({
  host: origin?.domainName,
  timeouts: origin?.timeouts,
  uri: out.uri,
  headers: out.headers,
  status: out.statusCode,
  location: out.headers.location?.value,
  reads,
});

/** CloudFront's event (developer guide, "CloudFront Functions event structure"): names in lower case, cookies apart. */
function eventOf(
  method: string,
  uri: string,
  given: Readonly<Record<string, string>>,
  { viewer, query }: Seen,
): object {
  const { cookie = "", ...rest } = given;
  const headers = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name.toLowerCase(), { value }]));
  const pairs = (text: string, separator: RegExp) => text.split(separator).filter((pair) => pair !== "");
  const named = (list: readonly string[]) =>
    Object.fromEntries(list.map((pair) => pair.split(/=(.*)/s)).map(([name = "", value = ""]) => [name, { value }]));
  return {
    version: "1.0",
    context: { distributionDomainName: "d1.cloudfront.net", eventType: "viewer-request", requestId: "r" },
    viewer: { ip: viewer ?? "198.51.100.7" },
    request: {
      ...{ method, uri, headers: { ...headers, host: { value: "d1.cloudfront.net" } } },
      ...{ querystring: named(pairs(query ?? "", /&/)), cookies: named(pairs(cookie, /; ?/)) },
    },
  };
}

function valuesOf(resources: readonly Resource[]): Map<string, string> {
  const values = new Map<string, string>();
  const routes: unknown[] = [];
  for (const { type, name, inputs } of resources) {
    if (type === "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey")
      values.set(String(reveal(inputs.key)), String(reveal(inputs.value)));
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
