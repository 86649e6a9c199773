import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { allowsPrivate, type Config } from "../../config.ts";
import type { Env } from "../../env.ts";
import { renewalsEnded, spillCredentials } from "../../core/accounts/credential.ts";
import { settleOpenCalls } from "../../relay/flow/open-calls.ts";
import { watchStore } from "../../core/process/counters.ts";
import { Failure, toFailure } from "../../failure.ts";
import { buildLogBook } from "../../log-book.ts";
import { spillEvents } from "../../core/usage/log.ts";
import type { Store } from "../../stores/store.ts";
import type { Dispatch } from "../../wire/dispatch.ts";
import { isPourable, type Answer } from "../../wire/exchange.ts";
import { buildConsole, type Console } from "./static-files.ts";
import { loadEndpoint } from "../endpoint-files.ts";
import { giveBackLeases } from "../../operations/jobs/lease.ts";
import { buildGuard } from "../http-client/guard.ts";
import { buildMachine, openConfiguredStore } from "../machine.ts";
import { cut, pour, type Pouring } from "./pour.ts";
import { type Pace, paceOf } from "../read-body.ts";
import { buildProxyTrust, receive, type ProxyTrust, type Received } from "../receive.ts";
import { answerPreflight, shareAnswer } from "../cors.ts";
import { refuse } from "../refuse.ts";
import { findRoute, type EndpointFile, type Find } from "../routing.ts";
import { buildRunning, type Running } from "./active-requests.ts";
import type { Telemetry } from "../telemetry/config.ts";
import type { SpillFile } from "./spill-file.ts";
import { watchReaders } from "./stalled-readers.ts";
import { startTimers, type Job } from "./timers.ts";
import { undiciDispatch } from "../http-client/undici.ts";
import { buildSockets, type Sockets } from "./websocket/websocket.ts";

export interface ServerOptions {
  readonly config: Config;
  /** Takes whole log lines. */
  readonly write: (line: string) => void;
  /** Default: what the settings ask for. */
  readonly store?: Store;
  /** Keeps what the store does not take for the next process, which begins with it; nothing is kept if it is absent. */
  readonly spillFile?: SpillFile;
  readonly dispatch?: Dispatch;
  readonly now?: () => number;
  /** Default: routes.ts over endpoints/. */
  readonly routing?: Routing;
  /** The built console. */
  readonly consoleDirectory?: string;
  /** Run by timers in this process; none if another scheduler does it. */
  readonly jobs?: readonly Job[];
  /** Where calls are traced and figures told; nowhere if it is absent. */
  readonly telemetry?: Telemetry | undefined;
}

export interface RunningServer {
  /** Of the listening socket, such as http://127.0.0.1:3000. */
  readonly url: string;
  readonly env: Env;
  /**
   * Stops for good: no new connections, /health turns 503, running answers get `graceMs`, then their request's signal is
   * aborted with `platform.draining` and they get two seconds for their last words. Then work after answers and the store.
   */
  close(graceMs?: number): Promise<void>;
}

const lastWordsMs = 2_000;
/** As long as a token endpoint may take, inside the grace of container platforms (30 s). */
const renewalMs = 27_000;
const lingerMs = 10_000;

export interface Routing {
  readonly find: Find;
  load(endpoint: string): Promise<EndpointFile>;
}

const houseRouting: Routing = { find: findRoute, load: loadEndpoint };

/** Opens the store and listens. Rejects with Node's error if the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, now = Date.now, routing = houseRouting } = options;
  const store = watchStore(options.store ?? (await openConfiguredStore(config, now)), now);
  const client = undiciDispatch({ guard: buildGuard(allowsPrivate(config)) });
  let isDraining = false;
  const machine = buildMachine({
    config,
    store,
    dispatch: options.dispatch ?? client.dispatch,
    now,
    write: options.write,
    isDraining: () => isDraining,
    logBook: buildLogBook(now()),
    spill: options.spillFile?.keep,
  });
  const isHttps = /^https:/i.test(config.PUBLIC_URL ?? "");
  const pages = buildConsole({ directory: options.consoleDirectory, logoUrl: config.WEB_LOGO_URL, isHttps });
  const running = buildRunning();
  const host: Host = {
    env: machine.env,
    routing,
    pages,
    running,
    trust: buildProxyTrust(config),
    pace: paceOf(config),
  };
  const sockets = buildSockets(host);
  const server = listenOptions((message, response) => void serve(message, response, host), sockets);
  const stopSweep = startSweep(server, running, config.READER_MAX_STALL_SECONDS * 1000);
  await listen(server, config).catch((error: unknown) => release(store, client, error));
  const stopTimers = startTimers(options.jobs ?? [], machine.env);
  options.telemetry?.watch(machine.env);
  if (options.spillFile) machine.env.after(options.spillFile.restore(machine.env));

  const close = async (graceMs = 25_000) => {
    isDraining = true;
    stopTimers();
    sockets.drain();
    await Promise.all([endAnswers({ server, running, sockets }, graceMs), endRenewals(machine.env)]);
    stopSweep();
    settleOpenCalls(machine.env);
    if (!(await isWithin(machine.settled(), lastWordsMs))) machine.env.log("warn", "left work behind");
    await isWithin(giveBackLeases(machine.env).catch(tellLate(machine.env)), lastWordsMs);
    await spill(machine.env);
    if (options.telemetry) await isWithin(options.telemetry.close(), lastWordsMs);
    await Promise.all([client.close(), options.store ? undefined : store.close()]);
  };
  let closed: Promise<void> | undefined;
  return { url: urlOf(server), env: machine.env, close: (graceMs) => (closed ??= close(graceMs)) };
}

/** Beside the answers: a token endpoint's answer that nobody takes is a lost sign-in. */
const endRenewals = (env: Env) => isWithin(renewalsEnded(env), renewalMs);

async function spill(env: Env): Promise<void> {
  await spillEvents(env);
  await spillCredentials(env);
}

interface Host {
  readonly env: Env;
  readonly routing: Routing;
  readonly pages: Console;
  readonly running: Running;
  readonly trust: ProxyTrust | undefined;
  readonly pace: Pace;
}

const tellLate = (env: Env) => (error: unknown) => env.log("warn", "leases not given back", { error });

/** One request from its head to the end of its answer. Never rejects. */
async function serve(message: IncomingMessage, response: ServerResponse, host: Host): Promise<void> {
  const { env, running } = host;
  const request = receive(message, response, host);
  running.add(request);
  response.once("close", () => {
    running.remove(request);
    if (!response.writableFinished) request.abort(new Failure("client.gone"));
  });
  const pouring = () => describe(request, message, env);
  let answer: Answer | undefined;
  try {
    answer = shareAnswer(await answerOf(request, host), request, env.config.CORS_ORIGINS);
    await pour(answer, response, pouring());
  } catch (error) {
    tell(error, request, env);
    if (response.headersSent) return cut(response);
    const worded = answer && isPourable(answer.body) ? answer.body.refuse?.(error) : undefined;
    const refusal = worded ?? refuse(error, request.path, request.id);
    await pour(shareAnswer(refusal, request, env.config.CORS_ORIGINS), response, pouring());
  }
}

function describe(request: Received, message: IncomingMessage, env: Env): Pouring {
  const isHead = message.method === "HEAD";
  if (message.complete) return { requestId: request.id, isHead, isLast: env.isDraining() };
  // A client that waits to be told to send its body, and was not, must not be asked for another request in between.
  const isHolding = message.headers.expect !== undefined;
  const isLast = env.isDraining() || isHolding;
  return { requestId: request.id, isHead, isLast, ...(isHolding ? {} : { rest: () => drop(message) }) };
}

function answerOf(request: Received, host: Host): Promise<Answer> | Answer {
  if (!request.path.startsWith("/")) {
    throw new Failure("request.malformed", { message: "The request target must be a path that begins with a slash." });
  }
  if (request.method === "GET" || request.method === "HEAD") {
    const page = host.pages(request.path, request.headers);
    if (page) return page;
  }
  const preflight = answerPreflight(request, host.env.config.CORS_ORIGINS);
  if (preflight) return preflight;
  const { endpoint, params } = host.routing.find(request.method, request.path);
  request.params = params;
  return host.routing.load(endpoint).then(({ handle }) => handle(request, host.env));
}

function tell(error: unknown, request: Received, env: Env): void {
  const failure = toFailure(error);
  if (failure.blame === "client") return;
  env.log("error", "request failed", { request: request.id, path: request.path, code: failure.code, error: failure });
}

/** Drops what the client still sends; one that takes too long over it is left. */
function drop(message: IncomingMessage): Promise<void> {
  if (message.complete || message.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      message.off("end", done).off("close", done);
      resolve();
    };
    const timer = setTimeout(() => message.socket.destroy(), lingerMs);
    message.on("end", done).on("close", done).resume();
  });
}

function listenOptions(
  onRequest: (message: IncomingMessage, response: ServerResponse) => void,
  sockets: Sockets,
): Server {
  const server = createServer({
    // Longer than a load balancer keeps its idle connections (60 s is common), so that it never reuses one we are closing.
    keepAliveTimeout: 75_000,
    headersTimeout: 30_000,
    // A large body over a slow line may take its time, and it is read only for a valid key.
    requestTimeout: 0,
    noDelay: true,
    // A client that vanished without a word (a laptop that sleeps) is found out by probes.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    shouldUpgradeCallback: (message) => sockets.isWanted(message),
  });
  // An expectation that nobody knows may be passed over (RFC 9110 § 10.1.1); Node's own 417 has no words.
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, onRequest);
  return server.on("upgrade", sockets.open);
}

const sweepMs = 30_000;

/**
 * Requests learn from their connection's end that nobody listens any more; the timer is for what no event tells of, and for
 * readers that stand still.
 */
function startSweep(server: Server, running: Running, stallMs: number): () => void {
  const sweep = () => running.sweep();
  const sockets = watchReaders(stallMs);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", sweep);
  });
  const timer = setInterval(sweep, sweepMs).unref();
  return () => {
    clearInterval(timer);
    sockets.stop();
  };
}

function listen(server: Server, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.PORT, config.HOST, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function release(store: Store, client: { close(): Promise<void> }, error: unknown): Promise<never> {
  await Promise.all([store.close(), client.close()]);
  throw error;
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  const name = address === "0.0.0.0" || address === "::" ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `http://${name}:${port}`;
}

interface Open {
  readonly server: Server;
  readonly running: Running;
  readonly sockets: Sockets;
}

async function endAnswers({ server, running, sockets }: Open, graceMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that falls idle only now would be kept alive for another client's request that never comes.
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  void ended.then(() => clearInterval(sweep));
  if (await isWithin(ended, graceMs)) return;
  const reason = new Failure("platform.draining", { message: "The relay is restarting; send the request again." });
  for (const request of running.list()) request.abort(reason);
  if (!(await isWithin(ended, lastWordsMs))) server.closeAllConnections();
  sockets.terminate();
  await ended;
}

async function isWithin(work: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, milliseconds, false)));
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
