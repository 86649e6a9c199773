import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AnthropicOptions, anthropic } from "./anthropic/anthropic.ts";
import type { OAuthDesk } from "./anthropic/oauth.ts";
import type { ChatgptDesk } from "./openai/oauth.ts";
import { openai } from "./openai/openai.ts";
import { cloudLanguage } from "./bedrock/bedrock.ts";
import { geminiLanguage } from "./gemini/gemini.ts";
import { Recorder, type RecordedRequest } from "./recorder.ts";
import { giveUp, type Simulation, serve } from "./serve.ts";

export type { RecordedRequest } from "./recorder.ts";

export interface UpstreamOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  host?: string;
  /** False keeps no requests and no bodies; the counts are kept all the same. */
  record?: boolean;
  /** Directives for every request, written as in a marker, until `behave` changes them. */
  behaviour?: string;
  anthropic?: AnthropicOptions;
}

export interface Upstream {
  url: string;
  port: number;
  /** In order of arrival, and live: an entry fills while its answer is sent. */
  requests: RecordedRequest[];
  /** Requests ever, answers under way now, and the most that were under way at once. */
  stats: { total: number; open: number; peak: number };
  /** Issues, expires and revokes Claude sign-ins without going through the endpoints. */
  oauth: OAuthDesk;
  /** The same for ChatGPT sign-ins. */
  chatgpt: ChatgptDesk;
  /** Sets the directives for every request from now on; an empty string ends them. */
  behave(directives: string): void;
  /** Forgets requests, statistics and counted directives. Sign-ins stay. */
  reset(): void;
  /** Resolves with the first request that fits, now or later; rejects after `timeoutMs` (5,000). */
  until(fits: (request: RecordedRequest) => boolean, timeoutMs?: number): Promise<RecordedRequest>;
  stop(): Promise<void>;
}

/** Starts a simulated provider on loopback. README.md lists what it can be asked to do. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const claude = anthropic(options.anthropic);
  const gpt = openai();
  const recorder = new Recorder(options.record ?? true);
  const simulation: Simulation = {
    languages: [cloudLanguage(claude.language), geminiLanguage, gpt.language, claude.language],
    recorder,
    counters: new Map(),
    standing: options.behaviour ?? "",
  };
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0, noDelay: true });
  server.on("request", (request, response) => {
    serve(request, response, simulation).catch((cause: unknown) => giveUp(response, cause));
  });
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, options.port ?? 0, host);
  return {
    url: `http://${host}:${port}`,
    port,
    requests: recorder.requests,
    stats: recorder.stats,
    oauth: claude.oauth,
    chatgpt: gpt.chatgpt,
    behave: (directives) => void (simulation.standing = directives),
    reset: () => {
      recorder.reset();
      simulation.counters.clear();
    },
    until: (fits, timeoutMs) => recorder.until(fits, timeoutMs),
    stop: () => close(server),
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // The backlog lets a test open more than a thousand connections at once.
    server.listen({ port, host, backlog: 4096 }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
