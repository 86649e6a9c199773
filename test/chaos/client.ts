import { randomUUID } from "node:crypto";
import { Agent, type ClientRequest, request as send } from "node:http";
import type { Random } from "./random.ts";

/** What a client knows of its call. Each call has a session of its own, by which the provider and the usage log know it too. */
export interface Told {
  readonly session: string;
  readonly secret: string;
  readonly startedAt: number;
  /** 0: no head came. */
  status: number;
  /** The answer came to its proper end. */
  isWhole: boolean;
  endedAt: number;
  /** The end of what came. */
  last: string;
}

export function begin(secret: string, tally: Told[]): Told {
  const session = randomUUID();
  const told: Told = { session, secret, startedAt: Date.now(), status: 0, isWhole: false, endedAt: 0, last: "" };
  tally.push(told);
  return told;
}

export interface Ask {
  readonly url: string;
  readonly secret: string;
  /** Beyond the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Directives for the simulated provider, as `[[sim:…]]` takes them. */
  readonly behaviour?: string;
  /** `claude-sonnet-4-5` unless given. */
  readonly model?: string;
  readonly isStream?: boolean;
  /** The body is filled up to so many bytes. */
  readonly bodyBytes?: number;
  /** Hangs up after so many bytes of the answer. */
  readonly hangUpAfter?: number;
}

const agents = new Set<Agent>();

/** Connections are kept between calls; a new one for each round, so that no round meets another's broken ones. */
export function buildAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  agents.add(agent);
  return agent;
}

export function closeAgents(): void {
  agents.forEach((agent) => agent.destroy());
  agents.clear();
}

/** One call. Never rejects: what became of it is told. */
export function ask(agent: Agent, asked: Ask, tally: Told[]): Promise<Told> {
  const told = begin(asked.secret, tally);
  const body = buildBody(told.session, asked);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "anthropic-version": "2023-06-01",
    "x-api-key": asked.secret,
    ...asked.headers,
  };
  return new Promise((resolve) => {
    const end = () => {
      told.endedAt ||= Date.now();
      resolve(told);
    };
    const request = send(`${asked.url}/v1/messages`, { method: "POST", headers, agent });
    request.on("error", end);
    request.on("close", end);
    request.on("response", (response) => {
      told.status = response.statusCode ?? 0;
      let bytes = 0;
      if (asked.hangUpAfter === 0) request.destroy();
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        told.last = (told.last + chunk.toString("latin1")).slice(-600);
        if (asked.hangUpAfter !== undefined && bytes >= asked.hangUpAfter) request.destroy();
      });
      response.on("error", end);
      response.on("end", () => {
        told.isWhole =
          told.status === 200 && response.complete && (asked.isStream === false || told.last.includes("message_stop"));
        end();
      });
    });
    write(request, body, asked);
  });
}

/** Who hangs up at once does so with half its request sent. */
function write(request: ClientRequest, body: string, { hangUpAfter }: Ask): void {
  if (hangUpAfter === undefined || hangUpAfter >= 0) return void request.end(body);
  request.write(body.slice(0, Math.max(1, Math.floor(body.length / 2))), () => request.destroy());
}

export function buildBody(
  session: string,
  { behaviour, model = "claude-sonnet-4-5", isStream = true, bodyBytes = 0 }: Ask,
): string {
  const build = (filling: string) =>
    JSON.stringify({
      model,
      max_tokens: 256,
      stream: isStream,
      metadata: { user_id: `user_${"a".repeat(64)}_account__session_${session}` },
      messages: [{ role: "user", content: `${behaviour ? `[[sim:${behaviour}]] ` : ""}hello${filling}` }],
    });
  return build("x".repeat(Math.max(0, bodyBytes - build("").length)));
}

/** Calls for some milliseconds, `parallel` at a time; `vary` makes each one. */
export async function load(
  forMs: number,
  parallel: number,
  vary: () => Ask,
  tally: Told[],
  random: Random,
): Promise<void> {
  const agent = buildAgent();
  const untilAt = Date.now() + forMs;
  const worker = async () => {
    while (Date.now() < untilAt) {
      const { status } = await ask(agent, vary(), tally);
      // A store that is down is asked again a little later, as clients do.
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 20 + random() * 30));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  agent.destroy();
}
