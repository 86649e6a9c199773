import { Agent, buildConnector, ProxyAgent, type Dispatcher } from "undici";
import type { Dispatch, Inbound, Outbound } from "../../wire/dispatch.ts";
import { hostOf } from "../../wire/reach.ts";
import { converse, type Conversation } from "./upstream-request.ts";
import { buildGuard, type Guard } from "./guard.ts";
import { isSocks } from "./proxy.ts";
import { connectThroughSocks } from "./socks.ts";

/**
 * `Dispatch` over undici's lowest level: no streams, no Web bodies, one promise for the head and one for each chunk that the
 * reader has to wait for. Connections are kept alive and not limited in number, requests are not pipelined, HTTP/2 is off
 * (a lost connection then costs one stream, not all of them), nothing is decompressed, redirected or repeated.
 */
export function undiciDispatch(options: UndiciOptions = {}): UndiciDispatch {
  const guard = options.guard ?? buildGuard(true);
  const direct = new Agent({ ...shared, connect: directConnector(guard, options) });
  const proxied = new Map<string, Dispatcher>();
  const agentOf = (proxy: string | undefined) => {
    if (proxy === undefined) return direct;
    const agent = proxied.get(proxy) ?? buildProxyAgent(proxy, guard, options);
    proxied.delete(proxy);
    proxied.set(proxy, agent);
    if (proxied.size > mostProxies) evict(proxied);
    return agent;
  };
  const close = async () => {
    await Promise.all([direct, ...proxied.values()].map((agent) => agent.destroy()));
  };
  return { dispatch: (outbound) => send(outbound, agentOf), close };
}

export interface UndiciOptions {
  /** Certificate authorities (PEM) instead of the system's, for an upstream or proxy with a private one. */
  readonly ca?: string;
  /** Where connections may go; by default anywhere but to a cloud's metadata. */
  readonly guard?: Guard;
}

export interface UndiciDispatch {
  readonly dispatch: Dispatch;
  /** Destroys every connection. */
  close(): Promise<void>;
}

/** Agents for proxies are kept up to this many; the one unused longest is closed when its requests have ended. */
const mostProxies = 64;
const connectTimeoutMs = 15_000;

/** undici's own timeouts are off (0): they are exact to half a second only, and the conversation's one timer does both. */
const shared = {
  allowH2: false,
  pipelining: 1,
  connections: null,
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 30_000,
  keepAliveMaxTimeout: 300_000,
} as const satisfies Agent.Options;

const tlsOf = ({ ca }: UndiciOptions) => ({ allowH2: false, ...(ca ? { ca } : {}) });

function send(outbound: Outbound, agentOf: (proxy: string | undefined) => Dispatcher): Promise<Inbound> {
  const conversation = converse(outbound);
  if (outbound.signal?.aborted) return conversation.answer;
  try {
    const { origin, path } = splitUrl(outbound.url);
    const { method, headers, body, proxy } = outbound;
    const request = { origin, path, method, headers: flatten(headers), body: body ?? null };
    agentOf(proxy).dispatch(request, new Handler(conversation));
  } catch (error) {
    conversation.error(error);
  }
  return conversation.answer;
}

/** undici's controller is the conversation's line as it is. */
class Handler implements Dispatcher.DispatchHandler {
  readonly #conversation: Conversation;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#conversation.attach(controller);
    this.#conversation.sent();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Raw): void {
    // 103 Early Hints and the like come before the answer.
    if (status >= 200) this.#conversation.head(status, joined(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#conversation.data(chunk);
  }

  onResponseEnd(): void {
    this.#conversation.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#conversation.error(error);
  }
}

type Raw = Record<string, string | string[] | undefined>;

/** Cut by hand: the URL parser costs more than the rest of the call, and an upstream's base URL was parsed when it was saved. */
function splitUrl(url: string): { origin: string; path: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return { origin: url, path: "/" };
  return { origin: url.slice(0, start), path: url.slice(start) };
}

function flatten(headers: Outbound["headers"]): string[] {
  const flat: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat.push(name, value);
  }
  return flat;
}

/** In place: undici made the object for this answer alone, and hardly a header comes twice. */
function joined(raw: Raw): Inbound["headers"] {
  for (const name in raw) {
    const value = raw[name];
    if (Array.isArray(value)) raw[name] = value.join(", ");
  }
  return raw as Inbound["headers"];
}

function evict(agents: Map<string, Dispatcher>): void {
  const [oldest] = agents;
  if (!oldest) return;
  const [proxy, agent] = oldest;
  agents.delete(proxy);
  agent.close().catch(() => agent.destroy());
}

/** undici looks up no name that is an address already, so those are looked at before. */
function directConnector({ lookup, check }: Guard, options: UndiciOptions): buildConnector.connector {
  const connect = buildConnector({ ...tlsOf(options), timeout: connectTimeoutMs, lookup });
  return (target, callback) => {
    try {
      check(target.hostname);
    } catch (error) {
      return callback(error as Error, null);
    }
    connect(target, callback);
  };
}

function buildProxyAgent(proxy: string, guard: Guard, options: UndiciOptions): Dispatcher {
  const tls = tlsOf(options);
  guard.check(hostOf(proxy));
  if (isSocks(proxy)) return new Agent({ ...shared, connect: socksConnector(proxy, guard, options) });
  // Plain http goes through a tunnel too: the proxy then sees no more than an address, and one path serves both.
  return new ProxyAgent({
    ...shared,
    uri: proxy,
    proxyTunnel: true,
    connectTimeout: connectTimeoutMs,
    requestTls: tls,
    proxyTls: { ...tls, lookup: guard.lookup },
  });
}

/** undici's own SOCKS agent is marked experimental and warns on every start; its connector takes a tunnel just as well. */
function socksConnector(proxy: string, { lookup }: Guard, options: UndiciOptions): buildConnector.connector {
  const secure = buildConnector({ ...tlsOf(options), timeout: connectTimeoutMs });
  return (target, callback) => {
    const port = Number(target.port || (target.protocol === "https:" ? 443 : 80));
    connectThroughSocks({ proxy, host: target.hostname, port, timeout: connectTimeoutMs, lookup }).then(
      (httpSocket) => {
        if (target.protocol === "https:") secure({ ...target, httpSocket }, callback);
        else callback(null, httpSocket);
      },
      (error: Error) => callback(error, null),
    );
  };
}
