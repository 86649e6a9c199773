import { isObject, objectsOf, parseObject, type JsonObject } from "../wire/json.ts";
import { listAllStandings, readMeters } from "../core/limits/limit-status.ts";
import { inWords, listBudgets, partUsed, type Standing } from "../core/limits/limit.ts";
import type { Endpoint, Env } from "../env.ts";
import { type Answer, isPourable, type Request } from "../wire/exchange.ts";
import { codeAssistDialect } from "./dialects/code-assist/code-assist.ts";
import { identify } from "./flow/authenticate.ts";

type Reword = (answer: JsonObject, budget: Standing) => JsonObject;

/** What Gemini CLI 0.61 draws the quota of each model from, and the name of its plan. */
const rewords: Readonly<Record<string, Reword>> = {
  retrieveUserQuota: ({ buckets }, budget) => ({
    buckets: objectsOf(buckets).map((bucket) => ofBudget(bucket, budget)),
  }),
  loadCodeAssist: (answer, { used, limit, unit }) => {
    const tier = isObject(answer.paidTier) ? answer.paidTier : answer.currentTier;
    const name = `Relay key · ${inWords(used, unit)} of ${inWords(limit, unit)} used`;
    return { ...answer, paidTier: { ...(isObject(tier) ? tier : { id: "relay-key" }), name } };
  },
};

function ofBudget({ modelId, tokenType = "REQUESTS" }: JsonObject, budget: Standing): JsonObject {
  const resetTime = budget.resetAt === undefined ? {} : { resetTime: new Date(budget.resetAt).toISOString() };
  return { modelId, tokenType, remainingFraction: Math.round((1 - partUsed(budget)) * 1e4) / 1e4, ...resetTime };
}

/** Code Assist's endpoint, whose answers tell a key with limits of its own how these stand, in place of its account's. */
export function withOwnQuota(endpoint: Endpoint): Endpoint {
  return async (request, env) => {
    const answer = await endpoint(request, env);
    const reword = rewords[/:(\w+)$/.exec(request.path)?.[1] ?? ""];
    if (!reword || answer.status !== 200) return answer;
    const budget = await findBudget(request, env);
    return budget ? rewordAnswer(answer, (value) => reword(value, budget)) : answer;
  };
}

async function findBudget(request: Request, env: Env): Promise<Standing | undefined> {
  const { key } = await identify(codeAssistDialect.secret(request), request.ip, env);
  const meters = await readMeters(key, env);
  return meters && listBudgets(listAllStandings(key, meters))[0];
}

async function rewordAnswer(answer: Answer, change: (value: JsonObject) => JsonObject): Promise<Answer> {
  const bytes = await readBody(answer.body);
  const value = parseObject(bytes.toString("utf8"));
  if (!value) return { ...answer, body: bytes };
  const { "content-length": _length, ...headers } = answer.headers;
  return { ...answer, headers, body: JSON.stringify(change(value)) };
}

async function readBody(body: Answer["body"]): Promise<Buffer> {
  if (!isPourable(body)) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  const write = (chunk: Uint8Array) => parts.push(Buffer.from(chunk)) > 0;
  await body.pour({ write, onDrain: () => undefined, end: () => undefined });
  return Buffer.concat(parts);
}
