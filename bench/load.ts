import { Agent } from "undici";

export interface Target {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A request of the size that a coding tool sends between two tools: some tools, some history. Bytes of the body. */
export function buildBody(bytes: number): string {
  const message = { role: "user", content: "x".repeat(Math.max(1, bytes - 220)) };
  return JSON.stringify({
    model: "claude-sonnet-4-5",
    max_tokens: 1024,
    stream: true,
    metadata: { user_id: `user_${"a".repeat(64)}_account__session_00000000-0000-4000-8000-000000000000` },
    messages: [message],
  });
}

const agents = new Set<Agent>();

export function buildAgent(): Agent {
  const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  agents.add(agent);
  return agent;
}

export async function closeAgents(): Promise<void> {
  await Promise.all([...agents].map((agent) => agent.destroy()));
}

export interface Timed {
  readonly firstMs: number;
  readonly bytes: number;
}

/** One request, its body thrown away; times to the first byte of the body. Rejects on any status but 200. */
export function ask(agent: Agent, target: Target): Promise<Timed> {
  const startedAt = performance.now();
  let firstMs = 0;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(target.url);
    agent.dispatch(
      { origin, path: pathname + search, method: "POST", headers: target.headers, body: target.body },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status !== 200) reject(new Error(`status ${status}`));
        },
        onResponseData: (_controller, chunk) => {
          if (bytes === 0) firstMs = performance.now() - startedAt;
          bytes += chunk.length;
        },
        onResponseEnd: () => resolve({ firstMs, bytes }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

/** Streams a second with `parallel` always under way, for some milliseconds. */
export async function measureRate(agent: Agent, target: Target, parallel: number, forMs: number): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - startedAt < forMs) {
      await ask(agent, target);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return done / ((performance.now() - startedAt) / 1000);
}

/** Times to first byte at a steady pace, whether or not earlier requests have ended. */
export async function measureFirstBytes(
  agent: Agent,
  target: Target,
  aSecond: number,
  count: number,
): Promise<number[]> {
  const running: Promise<Timed>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < count; sent++) {
    const dueMs = startedAt + (sent * 1000) / aSecond - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    running.push(ask(agent, target));
  }
  return (await Promise.all(running)).map(({ firstMs }) => firstMs);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);
