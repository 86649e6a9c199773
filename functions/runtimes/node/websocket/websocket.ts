import { type IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { openaiResponsesDialect } from "../../../relay/dialects/openai/responses.ts";
import type { ApiKey } from "../../../core/keys/key.ts";
import { openRoom } from "../../../core/process/load.ts";
import type { Env } from "../../../env.ts";
import { Failure, toFailure } from "../../../failure.ts";
import { identify } from "../../../relay/flow/authenticate.ts";
import type { BodyTerms, Headers } from "../../../wire/exchange.ts";
import { pour } from "../pour.ts";
import type { Pace } from "../../read-body.ts";
import { type ProxyTrust, receive } from "../../receive.ts";
import { targetPath } from "../../target-path.ts";
import { guardSocket } from "./socket-guard.ts";
import type { Running } from "../active-requests.ts";
import { buildRecollection, type Recollection } from "./response-history.ts";
import { serveTurns, type Turns } from "./responses-turns.ts";
import type { EndpointFile, Find } from "../../routing.ts";

/** What the sockets need of the server that they belong to. */
export interface SocketHost {
  readonly env: Env;
  readonly routing: { readonly find: Find; load(endpoint: string): Promise<EndpointFile> };
  /** The calls under way, to be aborted if the server must go before they end. */
  readonly running: Running;
  readonly trust: ProxyTrust | undefined;
  readonly pace: Pace;
}

export interface Sockets {
  /** Whether a request is for a WebSocket that is served; any other is answered as if it had not asked for one. */
  isWanted(message: IncomingMessage): boolean;
  open(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes those that are idle, and the others after their answer. */
  drain(): void;
  /** Cuts what is still there. */
  terminate(): void;
}

const served = "relay/responses";

/** WebSockets for the Responses API (RFC 6455): each turn is one call of the endpoint that serves POST. */
export function buildSockets(host: SocketHost): Sockets {
  const maxPayload = host.env.config.REQUEST_MAX_SIZE_MB * 1024 * 1024;
  const server = new WebSocketServer({ noServer: true, clientTracking: true, maxPayload, perMessageDeflate: false });
  const recollection = buildRecollection();
  const lines = new Set<Turns>();
  const socketsOf = new Map<string, number>();
  const isWanted = ({ method, url, headers }: IncomingMessage) =>
    method === "GET" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    !host.env.isDraining() &&
    isServed(url ?? "", host.routing.find);
  return {
    isWanted,
    open: (message, socket, head) => void open({ message, socket, head, server, recollection, lines, socketsOf }, host),
    drain: () => lines.forEach((line) => line.drain()),
    terminate: () => server.clients.forEach((client) => client.terminate()),
  };
}

function isServed(url: string, find: Find): boolean {
  try {
    return find("GET", targetPath(url)).endpoint === served;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

interface Opening {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly server: WebSocketServer;
  readonly recollection: Recollection;
  readonly lines: Set<Turns>;
  /** Open ones, by key. */
  readonly socketsOf: Map<string, number>;
}

/** The key is looked at first: nobody else gets to send megabytes. Each call looks at it again. Never rejects. */
async function open(opening: Opening, host: SocketHost): Promise<void> {
  const { message, socket, head, server } = opening;
  const onError = () => socket.destroy();
  socket.on("error", onError);
  const response = new ServerResponse(message);
  const request = { ...receive(message, response, host), params: {} };
  try {
    const { key } = await identify(openaiResponsesDialect.secret(request), request.ip, host.env);
    checkSockets(key, opening, host.env);
    count(opening.socketsOf, key.id, 1);
    socket.once("close", () => count(opening.socketsOf, key.id, -1));
    socket.off("error", onError);
    server.handleUpgrade(message, socket, head, (client) => attend(client, key, opening, host));
  } catch (error) {
    if (!(socket instanceof Socket)) return void socket.destroy();
    response.assignSocket(socket);
    const answer = openaiResponsesDialect.refuse(toFailure(error), request);
    await pour(answer, response, { requestId: request.id, isHead: false, isLast: true });
    return void socket.destroySoon();
  }
}

/** Sockets that are idle cost memory, too. */
function checkSockets(key: ApiKey, { socketsOf }: Opening, { config }: Env): void {
  if ((socketsOf.get(key.id) ?? 0) < config.KEY_MAX_SOCKETS) return;
  const message = `This API key has ${config.KEY_MAX_SOCKETS} WebSockets open in this process, which is the most.`;
  throw new Failure("limit.concurrency", { message, retryAfterSeconds: 2 });
}

function count(socketsOf: Map<string, number>, key: string, by: 1 | -1): void {
  const now = (socketsOf.get(key) ?? 0) + by;
  if (now > 0) socketsOf.set(key, now);
  else socketsOf.delete(key);
}

async function countBody(body: Buffer, terms: BodyTerms = {}): Promise<Buffer> {
  await Promise.resolve(terms.room?.take(body.length));
  return body;
}

function attend(client: WebSocket, key: ApiKey, opening: Opening, host: SocketHost): void {
  const { message, recollection, lines } = opening;
  const { env, routing, running, pace } = host;
  const guard = guardSocket({ socket: client, raw: opening.socket, room: openRoom(key, env), pace });
  const turns = serveTurns({
    ...{ socket: client, env, recollection, guard },
    request(body) {
      const request = receive(message, new ServerResponse(message), host);
      return {
        ...request,
        method: "POST",
        headers: asPost(request.headers),
        body: (_limit, terms) => countBody(body, terms),
      };
    },
    async serve(request, pass) {
      running.add(request);
      try {
        const { handle } = await routing.load(served);
        await pass(await handle(request, env));
      } finally {
        running.remove(request);
      }
    },
  });
  lines.add(turns);
  // The drain may have begun while the key was looked at.
  if (env.isDraining()) turns.drain();
  client.on("close", () => lines.delete(turns));
}

/** The headers of the handshake, without what only a handshake has. */
function asPost(headers: Headers): Headers {
  const rest = Object.entries(headers).filter(([name]) => !/^(connection|upgrade|sec-websocket-.*)$/.test(name));
  const betas = (headers["openai-beta"] ?? "").split(",").filter((beta) => !/^\s*(responses_websockets=|$)/.test(beta));
  const { "openai-beta": _all, ...others } = Object.fromEntries(rest);
  return {
    ...others,
    ...(betas.length > 0 ? { "openai-beta": betas.join(",").trim() } : {}),
    "content-type": "application/json",
    accept: "text/event-stream",
  };
}
