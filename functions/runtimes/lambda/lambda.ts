import { timingSafeEqual } from "node:crypto";
import type { Writable } from "node:stream";
import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { allowsPrivate, ConfigError, parseConfig, storeKind } from "../../config.ts";
import type { Endpoint } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { buildLog } from "../../log.ts";
import type { Answer, Request } from "../../wire/exchange.ts";
import { buildGuard } from "../http-client/guard.ts";
import { httpsDispatch } from "../http-client/https.ts";
import { pourToLambda } from "./pour.ts";
import { receiveEvent } from "./request.ts";
import { completeFromLinks } from "./sst-links.ts";
import { buildMachine, openConfiguredStore, type Machine } from "../machine.ts";
import { answerPreflight, shareAnswer } from "../cors.ts";
import { refuse } from "../refuse.ts";
import { findRoute, type Find } from "../routing.ts";
import { openTelemetry } from "../telemetry/telemetry.ts";

/** Kept back from the function's time for a stream's last event and its settlement. */
const lastWordsMs = 5_000;

const write = (line: string) => void process.stdout.write(line);

/**
 * An endpoint as a streaming Lambda function behind a Function URL. Settings, store and connections are made once
 * and serve all invocations of the instance, several at a time too (managed instances).
 */
export function lambdaHandler(name: string, handle: Endpoint, find: Find = findRoute): unknown {
  let machine: Promise<Machine> | undefined;
  const start = () => {
    machine ??= startMachine();
    machine.catch(() => (machine = undefined));
    return machine;
  };
  // The runtime client drops promises that reject with a broken connection: without this the process would end before the
  // call is settled.
  process.on("unhandledRejection", (error) => {
    buildLog("error", write, Date.now)("error", "unhandled rejection", { error });
  });
  // Begun while the instance starts; should it fail, the first invocation tries again and tells.
  void start();
  return awslambda.streamifyResponse<LambdaFunctionURLEvent>((event, stream, context) =>
    invoke({ name, handle, find, start }, event, stream, context),
  );
}

interface Function {
  readonly name: string;
  readonly handle: Endpoint;
  readonly find: Find;
  start(): Promise<Machine>;
}

/** Resolves when the answer is written and the work after it is done: what is still pending is frozen with the instance. */
async function invoke(
  served: Function,
  event: LambdaFunctionURLEvent,
  stream: Writable,
  context: Context,
): Promise<void> {
  const machine = await served.start().catch(tellStart);
  const { requestId, http } = event.requestContext;
  const words = {
    requestId,
    isHead: http.method === "HEAD",
    refuse: (error: unknown) => refuse(error, event.rawPath, requestId),
  };
  if (!machine)
    return pourToLambda(words.refuse(new Failure("internal")), stream, { ...words, wrote: () => undefined });
  const { env } = machine;
  const deadline = buildDeadline(context.getRemainingTimeInMillis() - lastWordsMs, env.config.FIRST_BYTE_SECONDS);
  // All that Lambda ever tells of a client that is gone: what is written does not arrive any more.
  stream.on("error", deadline.giveUp).on("close", deadline.giveUp);
  const request = receiveEvent(event, env.config, deadline.signal);
  const share = (answer: Answer) => shareAnswer(answer, request, env.config.CORS_ORIGINS);
  const pouring = { ...words, refuse: (error: unknown) => share(words.refuse(error)), wrote: deadline.wrote };
  try {
    await pourToLambda(share(await answerOf(request, served, machine)), stream, pouring);
  } catch (error) {
    env.log("error", "stream broke", { request: requestId, path: request.path, error });
    throw error;
  } finally {
    deadline.clear();
    await machine.settled();
  }
}

interface Deadline {
  readonly signal: AbortSignal;
  giveUp(): void;
  /** Begins the wait for the next byte anew. */
  wrote(): void;
  clear(): void;
}

/**
 * Ends a call when the function's time runs out, or, with `silenceSeconds` above 0, when nothing was written for so long:
 * then the network in front would cut the answer, the call would run on and be paid, and the client would send it again.
 */
function buildDeadline(milliseconds: number, silenceSeconds: number): Deadline {
  const controller = new AbortController();
  const reason = new Failure("platform.draining", { message: "The relay function's time is over." });
  const timer = setTimeout(() => controller.abort(reason), Math.max(milliseconds, 0));
  const giveUp = () => controller.abort(new Failure("client.gone"));
  const wait = () => setTimeout(() => controller.abort(tooSilent(silenceSeconds)), silenceSeconds * 1000);
  let silence = silenceSeconds > 0 ? wait() : undefined;
  const wrote = () => void silence?.refresh();
  const clear = () => {
    clearTimeout(timer);
    clearTimeout(silence);
    silence = undefined;
  };
  return { signal: controller.signal, giveUp, wrote, clear };
}

/** Sent again, it would take as long again and be paid again. */
const tooSilent = (seconds: number) =>
  new Failure("upstream.timeout", {
    message: `The answer was not there within ${seconds} seconds, and the network in front of this relay waits no longer for an answer that is not streamed: ask for a stream.`,
    isRetryable: false,
  });

/** Never rejects: whatever is thrown before the first byte is answered in words. */
async function answerOf(request: Request, { name, handle, find }: Function, { env }: Machine): Promise<Answer> {
  try {
    guard(request, env.config.ORIGIN_SECRET);
    const preflight = answerPreflight(request, env.config.CORS_ORIGINS);
    if (preflight) return preflight;
    const { endpoint, params } = find(request.method, request.path);
    if (endpoint !== name) throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
    return await handle({ ...request, params }, env);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.blame !== "client")
      env.log("error", "request failed", { request: request.id, code: failure.code, error });
    return refuse(failure, request.path, request.id);
  }
}

/** A Function URL is public. Only the router knows the secret, so whoever goes around it (and its protection) is refused. */
function guard({ headers }: Request, secret: string | undefined): void {
  if (secret === undefined) return;
  const wanted = Buffer.from(secret);
  const given = Buffer.from(headers["x-origin-verify"] ?? "");
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new Failure("permission.forbidden", {
    message: "This address is not for direct use; call the relay's own domain.",
  });
}

async function startMachine(): Promise<Machine> {
  const environment = await completeFromLinks(process.env);
  const config = parseConfig(environment);
  if (storeKind(config) === "embedded") {
    throw new ConfigError([
      "UPSTASH_REDIS_REST_URL is missing; Lambda keeps no files, so the store must be Upstash (or REDIS_URL, REDIS_HOST)",
    ]);
  }
  const store = await openConfiguredStore(config, Date.now);
  const machine = buildMachine({
    config,
    store,
    dispatch: httpsDispatch({ guard: buildGuard(allowsPrivate(config)) }).dispatch,
    now: Date.now,
    write,
    isDraining: () => false,
  });
  (await openTelemetry(environment, machine.env.log, true))?.watch(machine.env);
  return machine;
}

function tellStart(error: unknown): undefined {
  const problems = error instanceof ConfigError ? error.problems : undefined;
  buildLog("error", write, Date.now)("error", "start failed", problems ? { problems } : { error });
}
