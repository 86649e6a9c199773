import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../test/rig.ts";
import {
  type Kind,
  type Reply,
  accountOf,
  kindOf,
  kinds,
  nameOf,
  provider,
  stream,
  whole,
} from "../../test/verdict-stage.ts";
import { readPool } from "../core/accounts/pool.ts";

let rig: Rig;

beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

/** What providers say of an account that they refuse, and the codes they say it by. */
const damning = [
  "OAuth token has been revoked. Please obtain a new token.",
  "This organization has been disabled.",
  "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to purchase credits.",
  "API key not valid. Please pass a valid API key.",
  "The security token included in the request is invalid.",
  "account is disabled",
  "deactivated_workspace",
  "insufficient_quota",
  '"resets_at": 9999999999',
  '{"error":{"type":"authentication_error","code":"invalid_api_key"}}',
  '"quotaResetTimeStamp":"2099-01-01T00:00:00Z"',
  '"retryDelay": "86400s"',
  "Our servers are currently overloaded. Please try again later.",
];
const words = fc.oneof(
  fc.constantFrom(...damning),
  fc.tuple(fc.string({ maxLength: 20 }), fc.constantFrom(...damning)).map(([before, said]) => `${before} ${said}`),
  fc.string({ maxLength: 60 }),
);

const anthropicError = (type: string, message: string) => ({ type: "error", error: { type, message } });
const googleError = (code: number, status: string, message: string, field: string) => ({
  error: {
    ...{ code, status, message },
    details: [
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field, description: field }] },
    ],
  },
});

/** Errors that say a caller's words back, in the shapes of each provider (their sources stand in judge.ts). */
const echoes: Record<Kind["language"], readonly ((said: string) => Reply)[]> = {
  anthropic: [
    (said) => whole(404, anthropicError("not_found_error", `model: ${said}`)),
    (said) => whole(404, anthropicError("not_found_error", said)),
    (said) => whole(400, anthropicError("invalid_request_error", `messages.0.content.0: Input tag '${said}' found`)),
    (said) => whole(400, anthropicError("invalid_request_error", said)),
    (said) => whole(403, anthropicError("permission_error", `Not allowed: ${said}`)),
    (said) => whole(413, anthropicError("request_too_large", said)),
    (said) => whole(429, anthropicError("rate_limit_error", said)),
    (said) => whole(500, anthropicError("api_error", said)),
    (said) => whole(529, anthropicError("overloaded_error", said)),
    (said) => whole(401, anthropicError("authentication_error", said)),
    (said) => stream(anthropicError("invalid_request_error", said)),
    (said) => stream(opening, content, anthropicError("authentication_error", said)),
    (said) => whole(400, said),
  ],
  openai: [
    (said) =>
      whole(404, {
        error: {
          message: `The model \`${said}\` does not exist`,
          type: "invalid_request_error",
          code: "model_not_found",
        },
      }),
    (said) => whole(400, { error: { message: said, type: "invalid_request_error", param: said, code: null } }),
    (said) =>
      whole(400, {
        error: { message: `Invalid value: '${said}'.`, type: "invalid_request_error", code: "invalid_value" },
      }),
    (said) => whole(402, { error: { message: `This request requires more credits: ${said}`, code: 402 } }),
    (said) => whole(403, { error: { message: said, type: "invalid_request_error", code: null } }),
    (said) => whole(422, { detail: [{ loc: ["body", said], msg: said }] }),
    (said) => whole(400, { detail: said }),
    (said) => whole(400, { success: false, msg: said }),
    (said) => whole(429, { error: { message: said, type: "tokens", code: "rate_limit_exceeded" } }),
    (said) => whole(503, { error: { message: said, type: "server_error" } }),
    (said) => whole(401, { error: { message: said, type: "invalid_request_error" } }),
    (said) =>
      stream(
        { type: "response.created", response: {} },
        { type: "response.failed", response: { status: "failed", error: { code: "invalid_prompt", message: said } } },
      ),
    (said) => stream({ error: { message: said, code: "invalid_request_error" } }),
  ],
  google: [
    (said) => whole(404, googleError(404, "NOT_FOUND", `models/${said} is not found`, said)),
    (said) => whole(400, googleError(400, "INVALID_ARGUMENT", said, said)),
    (said) =>
      whole(400, googleError(400, "INVALID_ARGUMENT", `Invalid JSON payload received. Unknown name "${said}"`, said)),
    (said) => whole(403, googleError(403, "PERMISSION_DENIED", `Permission denied on '${said}'`, said)),
    (said) => whole(429, googleError(429, "RESOURCE_EXHAUSTED", said, said)),
    (said) => whole(503, googleError(503, "UNAVAILABLE", said, said)),
    (said) => whole(401, googleError(401, "UNAUTHENTICATED", said, said)),
    (said) => stream(googleError(400, "INVALID_ARGUMENT", said, said)),
  ],
  aws: [
    (said) => whole(400, { message: said }, { "x-amzn-errortype": "ValidationException:http://internal.amazon.com/" }),
    (said) => whole(404, { Message: said }, { "x-amzn-errortype": "ResourceNotFoundException" }),
    (said) => whole(403, { message: said }, { "x-amzn-errortype": "AccessDeniedException" }),
    (said) => whole(424, { message: said }, { "x-amzn-errortype": "ModelErrorException" }),
    (said) => whole(429, { message: said }, { "x-amzn-errortype": "ThrottlingException" }),
  ],
};

const opening = { type: "message_start", message: { model: "claude-sonnet-4-5", usage: { input_tokens: 9 } } };
const content = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };

async function statesIn(env: Rig["env"]) {
  await rig.settled();
  const { accounts, cooldowns } = await readPool(env);
  return {
    stopped: accounts.filter(({ stoppedBecause }) => stoppedBecause !== undefined),
    resting: [...cooldowns.keys()],
  };
}

test.each(kinds.map((kind) => [nameOf(kind), kind] as const))(
  "what a caller writes never changes an account's state, however its provider says it back: %s",
  async (_name, kind) => {
    for (const id of ["one", "two", "three"]) await rig.addAccount({ id, ...accountOf(kind) }, kind.credential);
    const { secret } = await rig.addKey();
    const property = fc.asyncProperty(
      words,
      fc.constantFrom(...echoes[kind.language]),
      fc.boolean(),
      async (said, echo, isStream) => {
        const { dispatch, asked } = provider(() => echo(said));
        await call(kind.handle, kind.ask(secret, said, isStream), { ...rig.env, dispatch });
        expect(asked.length).toBeGreaterThan(0);
        expect(await statesIn(rig.env)).toEqual({ stopped: [], resting: [] });
      },
    );
    await fc.assert(property, { numRuns: 40 });
  },
  60_000,
);

describe("an account that its provider refuses", () => {
  const refusals: [string, string, Reply][] = [
    ["anthropic", "by status and type", whole(401, anthropicError("authentication_error", "invalid x-api-key"))],
    [
      "anthropic",
      "by its one sentence",
      whole(400, anthropicError("invalid_request_error", "This organization has been disabled.")),
    ],
    [
      "openai",
      "by code",
      whole(401, {
        error: { code: "invalid_api_key", type: "invalid_request_error", message: "Incorrect API key provided" },
      }),
    ],
    [
      "gemini",
      "by the reason in a 400's details",
      whole(400, {
        error: {
          code: 400,
          status: "INVALID_ARGUMENT",
          message: "API key not valid.",
          details: [{ reason: "API_KEY_INVALID" }],
        },
      }),
    ],
    [
      "bedrock",
      "by AWS's header",
      whole(
        403,
        { message: "The security token included in the request is invalid." },
        { "x-amzn-errortype": "UnrecognizedClientException" },
      ),
    ],
  ];

  test.each(refusals)("stops, one a call, once the relay has asked by itself: %s %s", async (name, _how, refusal) => {
    const kind = kindOf(name);
    for (const id of ["one", "two", "three"]) await rig.addAccount({ id, ...accountOf(kind) }, kind.credential);
    const { secret } = await rig.addKey();
    const asked: unknown[] = [];
    const dispatch: Rig["env"]["dispatch"] = (outbound) => {
      asked.push(String(outbound.body ?? ""));
      return provider(() => refusal).dispatch({
        ...outbound,
        method: "POST",
        url: "https://provider.example/",
        body: "asked",
      });
    };
    const { answer, text } = await call(kind.handle, kind.ask(secret, "PROMPT", false), { ...rig.env, dispatch });
    expect(answer.status).toBe(502);
    // Whose account it is, and what was said of it, is the operator's to know.
    expect(text).not.toMatch(/one|two|three|invalid x-api-key|disabled|security token/);
    expect((await statesIn(rig.env)).stopped).toHaveLength(1);
    expect(asked.filter((body) => !String(body).includes("PROMPT"))).toHaveLength(1);
  });

  test("whose list of models is open to everybody is asked with an empty request", async () => {
    const kind = kindOf("openai");
    const account = await rig.addAccount(accountOf(kind), kind.credential);
    const { secret } = await rig.addKey();
    const refusal = whole(401, { error: { message: "User not found.", code: 401 } });
    const { dispatch } = provider(() => refusal);
    const open: typeof dispatch = (outbound) =>
      outbound.method === "GET" ? dispatch(outbound) : dispatch({ ...outbound, body: "asked" });
    await call(kind.handle, kind.ask(secret, "hello", false), { ...rig.env, dispatch: open });
    expect((await statesIn(rig.env)).stopped.map(({ id }) => id)).toEqual([account.id]);
  });
});

test("a limit that the provider names rests one account a call, and none for a call that is free", async () => {
  const { handle: countTokens } = await import("../endpoints/relay/count-tokens.ts");
  const kind = kindOf("anthropic");
  for (const id of ["one", "two", "three"]) await rig.addAccount({ id, ...accountOf(kind) }, kind.credential);
  const { secret } = await rig.addKey();
  const limited = whole(429, anthropicError("rate_limit_error", "Slow down"), { "retry-after": "900" });
  const env = { ...rig.env, dispatch: provider(() => limited).dispatch };
  const free = { ...kind.ask(secret, "hello", false), path: "/v1/messages/count_tokens" };
  expect((await call(countTokens, free, env)).answer.status).toBe(429);
  expect((await statesIn(env)).resting).toEqual([]);
  await call(kind.handle, kind.ask(secret, "hello", false), env);
  expect((await statesIn(env)).resting).toHaveLength(1);
});

test("free calls have a limit of their own, which costs the store nothing", async () => {
  const { handle: countTokens } = await import("../endpoints/relay/count-tokens.ts");
  const kind = kindOf("anthropic");
  await rig.addAccount(accountOf(kind), kind.credential);
  const { secret } = await rig.addKey();
  const env = { ...rig.env, dispatch: provider(() => whole(200, { input_tokens: 3 })).dispatch };
  const free = { ...kind.ask(secret, "hello", false), path: "/v1/messages/count_tokens" };
  const statuses = [];
  for (let turn = 0; turn < 125; turn += 1) statuses.push((await call(countTokens, free, env)).answer.status);
  expect(statuses.slice(0, 120).every((status) => status === 200)).toBe(true);
  expect(statuses.at(-1)).toBe(429);
  rig.pass(10_000);
  expect((await call(countTokens, free, env)).answer.status).toBe(200);
});
