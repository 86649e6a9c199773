/** What the relay says against a key, or why it says nothing. */
export class RelayRefused extends Error {}

const patienceMs = 120_000;

async function ask(url: string, secret: string, body?: object): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Bearer ${secret}`,
    "content-type": "application/json",
    "anthropic-version": "2023-06-01",
  };
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new RelayRefused(
      `${new URL(url).origin} is not reached (${cause}): is the address right, and does the relay run?`,
    );
  });
  const text = await response.text();
  const told = readJson(text);
  if (response.ok && told) return told;
  const message = (told?.error as { message?: string } | undefined)?.message ?? `what answers there is no relay`;
  throw new RelayRefused(`${response.status}: ${message}`);
}

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A page of something else.
    return undefined;
  }
}

/** Whose key it is, before anything is written. Throws RelayRefused. */
export async function readKey(url: string, secret: string): Promise<string> {
  const { key } = await ask(`${url}/api/v1/key-info`, secret);
  return String((key as { name?: string } | undefined)?.name ?? "");
}

/** The shortest request that there is, to a small model of the first service that the key has; and what it cost. */
export async function sendOne(url: string, secret: string): Promise<string> {
  const lists = [
    ["/api/v1/models", "/api/v1/messages"],
    ["/openai/v1/models", "/openai/v1/chat/completions"],
  ] as const;
  for (const [list, path] of lists) {
    const { data } = await ask(url + list, secret).catch(() => ({ data: [] }));
    const ids = (data as { id: string }[]).map(({ id }) => id);
    const model = ids.find((id) => /haiku|mini|nano|flash/.test(id)) ?? ids[0];
    if (model === undefined) continue;
    const before = await spentUsd(url, secret);
    const messages = [{ role: "user", content: "Say ok." }];
    const most = path.startsWith("/openai") ? { max_completion_tokens: 64 } : { max_tokens: 16 };
    const startedAt = performance.now();
    await ask(url + path, secret, { model, messages, ...most });
    const ms = Math.round(performance.now() - startedAt);
    const cost = await waitForCost(before, url, secret);
    return `${model} answered in ${ms} ms${cost === undefined ? "" : `, for $${cost.toFixed(6)}`}.`;
  }
  throw new RelayRefused("no account serves this key yet: connect one in the console");
}

interface Spent {
  readonly requests: number;
  readonly costUsd: number;
}

async function spentUsd(url: string, secret: string): Promise<Spent> {
  const { usage } = await ask(`${url}/api/v1/usage`, secret);
  const { requests = 0, costUsd = 0 } = (usage as { total?: Partial<Spent> } | undefined)?.total ?? {};
  return { requests, costUsd };
}

/** A call is booked just after its answer. Undefined where the relay keeps no statistics. */
async function waitForCost(before: Spent, url: string, secret: string): Promise<number | undefined> {
  for (let tries = 0; tries < 3; tries += 1) {
    // The relay gives the same figures for five seconds, which spares its store.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    const now = await spentUsd(url, secret);
    if (now.requests > before.requests) return now.costUsd - before.costUsd;
  }
  return undefined;
}
