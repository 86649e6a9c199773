import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import * as https from "node:https";
import type { Dispatch, Inbound, Outbound } from "../../wire/dispatch.ts";
import { converse, type Conversation } from "./upstream-request.ts";
import { buildGuard, type Guard } from "./guard.ts";
import { http, openTunnel } from "./tunnel.ts";

/**
 * `Dispatch` over Node's own HTTP client: for Lambda, where undici would cost 700 kB and 100 ms at every cold start, and
 * where one instance serves one request at a time. Connections are kept alive, nothing is decompressed or redirected.
 */
export function httpsDispatch(options: HttpsOptions = {}): HttpsDispatch {
  const guard = options.guard ?? buildGuard(true);
  const direct = buildAgents(undefined, guard, options);
  const proxied = new Map<string, Agents>();
  const agentsOf = (proxy: string | undefined) => {
    if (proxy === undefined) return direct;
    const agents = proxied.get(proxy) ?? buildAgents(proxy, guard, options);
    proxied.delete(proxy);
    proxied.set(proxy, agents);
    const [oldest] = proxied;
    if (oldest && proxied.size > mostProxies) proxied.delete(oldest[0]);
    return agents;
  };
  const close = () => {
    for (const agents of [direct, ...proxied.values()]) Object.values(agents).forEach((agent) => agent.destroy());
  };
  return { dispatch: (outbound) => send(outbound, agentsOf), close };
}

export interface HttpsOptions {
  /** Certificate authorities (PEM) instead of the system's, for an upstream or proxy with a private one. */
  readonly ca?: string;
  /** Where connections may go; by default anywhere but to a cloud's metadata. */
  readonly guard?: Guard;
}

export interface HttpsDispatch {
  readonly dispatch: Dispatch;
  /** Destroys every connection. */
  close(): void;
}

interface Agents {
  readonly "http:": Agent;
  readonly "https:": https.Agent;
}

/** Agents for proxies are kept up to this many; the sockets of one that is dropped close when they fall idle. */
const mostProxies = 64;
const connectTimeoutMs = 15_000;
const keepAliveMs = 30_000;

function send(outbound: Outbound, agentsOf: (proxy: string | undefined) => Agents): Promise<Inbound> {
  const conversation = converse(outbound);
  if (outbound.signal?.aborted) return conversation.answer;
  try {
    const { method, headers, body, proxy } = outbound;
    const url = new URL(outbound.url);
    const isSecure = url.protocol === "https:";
    const agent = agentsOf(proxy)[isSecure ? "https:" : "http:"];
    const request = (isSecure ? https : http).request(url, { method, headers: sized(headers, body), agent });
    follow(request, conversation);
    request.end(body);
  } catch (error) {
    conversation.error(error);
  }
  return conversation.answer;
}

/** Without a length Node would send a body in chunks, which some upstreams refuse. */
function sized(headers: Outbound["headers"], body: Outbound["body"]): Outbound["headers"] {
  if (body === undefined) return headers;
  return { ...headers, "content-length": String(Buffer.byteLength(body)) };
}

function follow(request: ClientRequest, conversation: Conversation): void {
  let response: IncomingMessage | undefined;
  conversation.attach({
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    abort: () => void request.destroy(),
  });
  request.on("finish", () => conversation.sent());
  request.on("error", (error) => {
    // What was read but not yet handed on comes first.
    response?.read();
    conversation.error(error);
  });
  request.on("close", () => {
    // After the head the response tells its own end: it may still hold bytes for a slow reader.
    if (!response) conversation.error(new Error("the connection closed"));
  });
  request.on("response", (message) => {
    response = message;
    conversation.head(message.statusCode ?? 0, joined(message));
    message.on("data", (chunk: Buffer) => conversation.data(chunk));
    message.on("error", (error) => conversation.error(error));
    message.on("close", () => conversation.error(new Error("the connection closed within the body")));
    message.on("end", () => {
      if (message.complete) conversation.end();
      else conversation.error(new Error("the connection closed within the body"));
    });
  });
}

function joined({ headers: raw }: IncomingMessage): Inbound["headers"] {
  const headers: Inbound["headers"] = {};
  for (const name in raw) {
    const value = raw[name];
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

function buildAgents(proxy: string | undefined, guard: Guard, { ca }: HttpsOptions): Agents {
  const options = { keepAlive: true, timeout: keepAliveMs, lookup: guard.lookup, ...(ca ? { ca } : {}) };
  const agents = { "http:": new http.Agent(options), "https:": new https.Agent(options) };
  if (proxy === undefined) return { "http:": checked(agents["http:"]), "https:": checked(agents["https:"]) };
  return { "http:": throughProxy(agents["http:"], false), "https:": throughProxy(agents["https:"], true) };

  function checked<A extends Agent>(agent: A): A {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (target, callback) => {
      guard.check(target.host ?? "localhost");
      return connect(target, callback);
    };
    return agent;
  }

  function throughProxy<A extends Agent>(agent: A, isSecure: boolean): A {
    agent.createConnection = ({ host, port }, callback) => {
      const target = { host: host ?? "localhost", port: Number(port ?? (isSecure ? 443 : 80)), isSecure, ca };
      openTunnel({ ...target, proxy: proxy ?? "", timeout: connectTimeoutMs, guard }).then(
        (socket) => callback?.(null, socket),
        (error: Error) => callback?.(error, null as never),
      );
      return undefined;
    };
    return agent;
  }
}
