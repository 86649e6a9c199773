import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, zstdDecompress } from "node:zlib";
import { type Behaviour, chooseBehaviour, type Counters, faultOf, numberOf, unknownDirectives } from "./behaviours.ts";
import type { Incoming, Language, Reply, SimulatedCall } from "./language.ts";
import type { Recorder, Trace } from "./recorder.ts";
import { garbageBytes, reshape } from "./reshape.ts";
import { transmit, wait } from "./transmit.ts";

/** The state of one running server. */
export interface Simulation {
  languages: Language[];
  recorder: Recorder;
  counters: Counters;
  /** The directives that hold for every request. */
  standing: string;
}

const decoders = { gzip: promisify(gunzip), br: promisify(brotliDecompress), zstd: promisify(zstdDecompress) } as const;

/** Answers one request: read it, let a language understand it, choose the behaviour, pour the reply. */
export async function serve(request: IncomingMessage, response: ServerResponse, simulation: Simulation): Promise<void> {
  const target = request.url ?? "/";
  const raw = await readBody(request);
  if (target.startsWith("/__sim/")) return control(target, raw, response, simulation);
  const trace = simulation.recorder.open(request, raw, response);
  const incoming = await buildIncoming(request, target, raw);
  const found = understand(incoming, simulation.languages);
  if (!found) return finish(response, 404, `{"error":"no simulated language answers ${incoming.method} here"}`);
  const { call, language } = found;
  const sources = { credential: call.credential, prompt: call.prompt, standing: simulation.standing };
  const behaviour = acceptable(chooseBehaviour(sources, call.generates, simulation.counters), incoming);
  trace.chose(call.credential, behaviour);
  const unknown = unknownDirectives(behaviour, language);
  if (unknown.length > 0) return finish(response, 400, `{"error":"unknown simulated behaviour: ${unknown.join(" ")}"}`);
  if (behaviour.size > 0 && (await breaksBeforeHead(response, behaviour, trace))) return;
  const reply = await reshape(replyOf(call, behaviour), behaviour, call);
  await transmit(reply, { response, behaviour, ...trace });
}

/** Ends a response that the simulation itself failed at, so that a test sees the cause and not a hang. */
export function giveUp(response: ServerResponse, cause: unknown): void {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  if (response.destroyed) return;
  if (response.headersSent) return void response.destroy();
  finish(response, 599, text);
}

function replyOf(call: SimulatedCall, behaviour: Behaviour): Reply {
  const fault = faultOf(behaviour);
  return fault === undefined ? call.answer(behaviour) : call.refuse(fault, behaviour);
}

function understand(
  incoming: Incoming,
  languages: Language[],
): { call: SimulatedCall; language: Language } | undefined {
  for (const language of languages) {
    const call = language.open(incoming);
    if (call) return { call, language };
  }
  return undefined;
}

/** The behaviours that come before the head: late, never, reset, or something that is not HTTP. */
async function breaksBeforeHead(response: ServerResponse, behaviour: Behaviour, trace: Trace): Promise<boolean> {
  const slow = numberOf(behaviour, "slow-headers", Infinity);
  if (slow !== undefined) await wait(slow, trace.signal);
  if (trace.signal.aborted) return true;
  if (!behaviour.has("reset") && !behaviour.has("not-http")) return false;
  trace.breaking();
  if (behaviour.has("reset")) response.socket?.resetAndDestroy();
  else response.socket?.end(garbageBytes(256));
  return true;
}

/** An encoding is only used where the client said that it reads it. */
function acceptable(behaviour: Behaviour, incoming: Incoming): Behaviour {
  const encoding = behaviour.get("encoding");
  if (encoding === undefined) return behaviour;
  const accepted = String(incoming.headers["accept-encoding"] ?? "").split(/[\s,;]+/);
  return accepted.includes(encoding) ? behaviour : new Map([...behaviour].filter(([name]) => name !== "encoding"));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

async function buildIncoming(request: IncomingMessage, target: string, raw: Buffer): Promise<Incoming> {
  const mark = target.indexOf("?");
  const encoding = request.headers["content-encoding"] as keyof typeof decoders | undefined;
  const decode = encoding ? decoders[encoding] : undefined;
  return {
    method: request.method ?? "",
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    headers: request.headers,
    // A body that does not decode goes on as it is, and the language refuses it as malformed.
    body: decode ? await decode(raw).catch(() => raw) : raw,
  };
}

/** Steering from another process: `/__sim/stats`, `/__sim/requests`, `/__sim/behaviour`, `/__sim/reset`. */
function control(target: string, raw: Buffer, response: ServerResponse, simulation: Simulation): void {
  const { recorder } = simulation;
  const verbs: Record<string, () => unknown> = {
    "/__sim/stats": () => recorder.stats,
    "/__sim/requests": () =>
      recorder.requests.map(({ body, sent, ...rest }) => ({
        ...rest,
        body: body.toString("utf8"),
        sent: Buffer.concat(sent).toString("utf8"),
      })),
    "/__sim/behaviour": () => ({ behaviour: (simulation.standing = raw.toString("utf8")) }),
    "/__sim/reset": () => {
      recorder.reset();
      simulation.counters.clear();
      return recorder.stats;
    },
  };
  const verb = verbs[target];
  finish(response, verb ? 200 : 404, JSON.stringify(verb ? verb() : { error: "no such control" }));
}

function finish(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
