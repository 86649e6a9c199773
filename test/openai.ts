import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { loadEndpoint } from "../functions/runtimes/endpoint-files.ts";
import type { Endpoint } from "../functions/env.ts";
import { match } from "../functions/routes.ts";
import { type Ask, buildRequest, call, readAnswer, type Rig } from "./rig.ts";

/** What Codex 0.169 sends beside the body. */
export const codexHeaders = {
  originator: "codex_exec",
  "user-agent": "codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.169.0)",
  "session-id": "0199a213-0000-7000-8000-000000000001",
  "thread-id": "0199a213-0000-7000-8000-000000000001",
  accept: "text/event-stream",
};

/** The endpoint that routes.ts has for a path, with what its route captures. */
export async function routed(method: string, path: string): Promise<Endpoint> {
  const { found } = match(method, path);
  if (!found) throw new Error(`no route for ${method} ${path}`);
  const { handle } = await loadEndpoint(found.route.endpoint);
  return (request, env) => handle({ ...request, params: found.params }, env);
}

/** Asks a path as a client with a key would, and reads the whole answer. */
export async function ask(rig: Rig, secret: string, path: string, change: Ask = {}): ReturnType<typeof call> {
  const handle = await routed(change.method ?? "POST", path);
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json", ...change.headers };
  return call(handle, { ...change, path, headers }, rig.env);
}

/** Anthropic's official SDK, whose requests go straight into the endpoints. */
export function anthropicSdk(rig: Rig, secret: string): Anthropic {
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    const body = Buffer.from(await request.arrayBuffer());
    const asked = { path, headers: Object.fromEntries(request.headers), body };
    const { answer, text, error } = await call(await routed("POST", path), asked, rig.env);
    if (error) throw error as Error;
    return new Response(text, { status: answer.status, headers: answer.headers });
  };
  return new Anthropic({ apiKey: secret, baseURL: "http://relay.invalid/api", maxRetries: 0, fetch });
}

/** OpenAI's official SDK, whose requests go straight into the endpoints. */
export function sdk(rig: Rig, secret: string, baseURL = "http://relay.invalid/openai/v1"): OpenAI {
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const handle = await routed(request.method, url.pathname);
    const body = Buffer.from(await request.arrayBuffer());
    const asked = { method: request.method, path: url.pathname, query: url.search.slice(1), body };
    const answer = await handle(buildRequest({ ...asked, headers: Object.fromEntries(request.headers) }), rig.env);
    let isGone = false;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        // Bytes for a client that is gone are dropped, as a machine would.
        const write = (chunk: Uint8Array) => void (isGone || controller.enqueue(chunk));
        void readAnswer(answer, write).then(
          () => void (isGone || controller.close()),
          (error: unknown) => controller.error(error),
        );
      },
      cancel: () => void (isGone = true),
    });
    return new Response(stream, { status: answer.status, headers: answer.headers });
  };
  return new OpenAI({ apiKey: secret, baseURL, maxRetries: 0, fetch });
}
