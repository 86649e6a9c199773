import type { Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Credential } from "../../../core/accounts/account.ts";
import type { Inbound } from "../../../wire/dispatch.ts";
import { readClaims, readExtra, type TokenAnswer } from "./claims.ts";
import type { OauthProvider } from "./providers.ts";
import { readRefusal } from "./refusal.ts";
import { parseObject } from "../../../wire/json.ts";

/** The token endpoint's answer to a question. Throws `credential.rejected` if it refuses, `upstream.refused` if it fails. */
export async function askToken(
  provider: OauthProvider,
  question: Record<string, string | number>,
  proxy: string | undefined,
  env: Env,
): Promise<TokenAnswer> {
  const isJson = provider.tokenForm === "json";
  const inbound = await env.dispatch({
    method: "POST",
    url: provider.tokenUrl,
    headers: {
      "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: isJson ? JSON.stringify(question) : toForm(question),
    headTimeoutMs: 30_000,
    silenceTimeoutMs: 30_000,
    ...(proxy ? { proxy } : {}),
  });
  const isGiven = inbound.status >= 200 && inbound.status < 300;
  const text = await readText(inbound, isGiven);
  const answer: TokenAnswer = parseObject(text) ?? {};
  if (isGiven && typeof answer.access_token === "string") return answer;
  // Some say their refusals with a 200, and what is no JSON is somebody else's page.
  if (isGiven && /^\s*\{/.test(text) && answer.error === undefined) throw unreadable();
  throw readRefusal(
    "The sign-in server refused",
    { status: inbound.status, headers: inbound.headers, text },
    secretsOf(question),
    env,
  );
}

/** The token was given, so the one that was shown for it is spent: what breaks here is not asked again. */
async function readText({ body }: Inbound, isGiven: boolean): Promise<string> {
  const parts: Uint8Array[] = [];
  try {
    for (let part = await body.read(); part; part = await body.read()) parts.push(part);
  } catch (error) {
    throw isGiven ? unreadable(error) : error;
  }
  return Buffer.concat(parts).toString("utf8");
}

const unreadable = (cause?: unknown) =>
  new Failure("upstream.broken", { message: "The sign-in server's answer cannot be read.", cause });

/** What a question must not come back with in the words of a refusal. */
function secretsOf(question: Record<string, string | number>): string[] {
  const names = ["refresh_token", "code", "code_verifier", "client_secret"];
  return names.map((name) => String(question[name] ?? ""));
}

function toForm(fields: Record<string, string | number>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  return form.toString();
}

/** What an answer gives, over what was held before. */
export function buildCredential(
  answer: TokenAnswer,
  provider: OauthProvider,
  old: Extract<Credential, { kind: "oauth" }> | undefined,
  env: Env,
): Extract<Credential, { kind: "oauth" }> {
  const text = (name: string) => (typeof answer[name] === "string" && answer[name] !== "" ? answer[name] : undefined);
  const seconds = Number(answer.expires_in);
  const ownEndAt = Number(readClaims(answer.access_token).exp) * 1000;
  const expiresAt = seconds > 0 ? env.now() + seconds * 1000 : ownEndAt;
  const extra = { ...old?.extra, ...readExtra(answer, provider) };
  const refreshToken = text("refresh_token") ?? old?.refreshToken;
  const scopes = text("scope") ?? old?.scopes;
  return {
    kind: "oauth",
    accessToken: text("access_token") ?? "",
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresAt > 0 ? { expiresAt } : {}),
    ...(scopes === undefined ? {} : { scopes }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
