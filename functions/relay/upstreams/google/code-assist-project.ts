import type { Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Credential } from "../../../core/accounts/account.ts";
import { quote } from "../../../wire/redact.ts";
import { readErrorBody } from "../provider-error.ts";
import { isObject, type JsonObject } from "../../../wire/json.ts";

type Oauth = Extract<Credential, { kind: "oauth" }>;

export interface Way {
  readonly baseUrl: string;
  readonly proxy?: string;
}

const metadata = { ideType: "IDE_UNSPECIFIED", platform: "PLATFORM_UNSPECIFIED", pluginType: "GEMINI" };
const mostPolls = 12;
const pollMs = 5_000;

/**
 * The project that Google keeps for a signed-in person, made first if there is none: what the provider's own tool does when
 * it starts. Answers the credential with `extra.project`, or without it where Google wants one to be named by hand (the
 * account's setting `project`). Source: packages/core/src/code_assist/setup.ts of google-gemini/gemini-cli.
 */
export async function discoverProject(credential: Oauth, way: Way, env: Env): Promise<Oauth> {
  const ask = (method: string, path: string, body?: unknown) => post(method, `${way.baseUrl}/${path}`, body);
  const post = async (method: string, url: string, body: unknown): Promise<JsonObject> => {
    const inbound = await env.dispatch({
      method,
      url,
      headers: { authorization: `Bearer ${credential.accessToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headTimeoutMs: 30_000,
      silenceTimeoutMs: 30_000,
      ...(way.proxy === undefined ? {} : { proxy: way.proxy }),
    });
    const parts: Uint8Array[] = [];
    for (let part = await inbound.body.read(); part; part = await inbound.body.read()) parts.push(part);
    return readAnswer(inbound.status, Buffer.concat(parts).toString("utf8"), credential.accessToken);
  };
  const loaded = await ask("POST", "v1internal:loadCodeAssist", { metadata });
  const known = nameOf(loaded.cloudaicompanionProject);
  if (known !== undefined) return withProject(credential, known);
  if (loaded.currentTier !== undefined && loaded.currentTier !== null) return credential;
  let operation = await ask("POST", "v1internal:onboardUser", { tierId: defaultTier(loaded), metadata });
  for (let polls = 0; operation.done !== true && typeof operation.name === "string" && polls < mostPolls; polls++) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    operation = await ask("GET", `v1internal/${operation.name}`);
  }
  const made = nameOf((operation.response as JsonObject | undefined)?.cloudaicompanionProject);
  return made === undefined ? credential : withProject(credential, made);
}

function readAnswer(status: number, text: string, secret: string): JsonObject {
  if (status >= 200 && status < 300) {
    try {
      return JSON.parse(text) as JsonObject;
    } catch (error) {
      throw new Failure("upstream.refused", { message: "Code Assist did not answer in JSON.", cause: error });
    }
  }
  const words = quote(readErrorBody(text, {}).message, [secret]) || `status ${status}`;
  throw new Failure("upstream.refused", { message: `Code Assist did not name a project: ${words}` });
}

/** A project comes as its name, or as an object that has it. */
function nameOf(project: unknown): string | undefined {
  const name = isObject(project) ? project.id : project;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function defaultTier(loaded: JsonObject): string {
  const tiers = Array.isArray(loaded.allowedTiers) ? (loaded.allowedTiers as JsonObject[]) : [];
  const tier = tiers.find((candidate) => candidate.isDefault === true)?.id;
  return typeof tier === "string" ? tier : "legacy-tier";
}

function withProject(credential: Oauth, project: string): Oauth {
  return { ...credential, extra: { ...credential.extra, project } };
}
