import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildLog } from "../log.ts";
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
import { sentSecrets } from "../core/accounts/account.ts";
import { setTracer } from "../core/process/tracing.ts";

let rig: Rig;

beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const far = "FAREND";
const prompt = "PROMPTCANARY";
/** A careless provider's words: what it was sent, the credential too, and no end of it. */
const careless = (secrets: readonly string[]) =>
  `Refused: ${secrets.join(" ")} Bearer ${secrets[0] ?? ""} ${encodeURIComponent(secrets[0] ?? "")} user@corp.example org-Secret123 ${"long ".repeat(600)}${prompt}${far}`;

/** The credential as it was sent. */
const shown = ({ authorization = "", ...headers }: Record<string, string>) =>
  [authorization.replace("Bearer ", ""), headers["x-api-key"], headers["x-goog-api-key"], headers["api-key"]].filter(
    (value) => value !== undefined && value !== "",
  ) as string[];

const opening = { type: "message_start", message: { model: "claude-sonnet-4-5", usage: { input_tokens: 9 } } };
const block = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };

/** Every place of an answer in which an error may stand. */
const positions: Record<string, (kind: Kind, said: string) => Reply> = {
  "a body of status 400": (_kind, said) => whole(400, errorOf(said)),
  "a body of status 401": (_kind, said) => whole(401, errorOf(said)),
  "a body of status 403": (_kind, said) => whole(403, errorOf(said)),
  "a body of status 429": (_kind, said) => whole(429, errorOf(said), { "retry-after": "600" }),
  "a body of status 500": (_kind, said) => whole(500, errorOf(said)),
  "text of status 400": (_kind, said) => whole(400, said),
  "a header": (_kind, said) => whole(400, errorOf("no"), { "request-id": said, "x-request-id": said }),
  "the first event": ({ language }, said) =>
    stream(language === "anthropic" || language === "aws" ? { type: "error", ...errorOf(said) } : errorOf(said)),
  "an event after content": ({ kind, language }, said) => {
    if (language === "openai")
      return stream({ type: "response.output_text.delta", delta: "x" }, { type: "error", ...errorOf(said) });
    if (kind === "gemini") return stream({ candidates: [{ content: { parts: [{ text: "x" }] } }] }, errorOf(said));
    if (kind === "code-assist")
      return stream({ response: { candidates: [{ content: { parts: [{ text: "x" }] } }] } }, errorOf(said));
    return stream(opening, block, { type: "error", ...errorOf(said) });
  },
};
const errorOf = (message: string) => ({ error: { type: "api_error", status: "INTERNAL", code: 500, message } });

const cases = kinds.flatMap((kind) =>
  Object.entries(positions).map(([place, reply]) => [nameOf(kind), place, kind, reply] as const),
);

describe("a provider's words are short and without secrets wherever they are kept or told", () => {
  test.each(cases)("%s, in %s", async (_name, _place, kind, reply) => {
    const secrets = sentSecrets(kind.credential).filter((secret) => secret.length > 8);
    const account = await rig.addAccount({ name: "ACCOUNTNAME", ...accountOf(kind) }, kind.credential);
    const { secret } = await rig.addKey();
    const written: string[] = [];
    const traced: string[] = [];
    const log = buildLog("debug", (line) => void written.push(line), rig.env.now);
    const env = {
      ...rig.env,
      log,
      dispatch: provider(({ headers }) => reply(kind, careless(shown(headers)))).dispatch,
    };
    setTracer(
      {
        call: (told) => void traced.push(JSON.stringify(told)),
        refusal: (told) => void traced.push(JSON.stringify(told)),
      },
      env,
    );
    const { answer, text } = await call(kind.handle, kind.ask(secret, "hello", true), env);
    await rig.settled();
    const kept = JSON.stringify(await rig.events());
    const pool = JSON.stringify([...(await readPool(env)).cooldowns.values()]);
    const forOperator = [...written, ...traced, kept, pool].join("\n");
    expect(forOperator).not.toContain(far);
    expect(forOperator).not.toContain(prompt);
    expect(kept).toContain(account.id);
    for (const reason of (await rig.events()).flatMap(({ attempts, failure = "" }) => [
      ...attempts.map((each) => each.reason),
      failure,
    ]))
      expect(reason.length).toBeLessThan(340);
    const everything = [forOperator, text, JSON.stringify(answer.headers)].join("\n");
    for (const sent of secrets) {
      expect(everything).not.toContain(sent);
      expect(everything).not.toContain(sent.slice(8, 30));
    }
    expect(text).not.toContain("ACCOUNTNAME");
  });
});

test("a client is told no account's name and not whose account it is; the operator finds both, with the provider's id", async () => {
  const kind = kindOf("openai");
  await rig.addAccount({ name: "ACCOUNTNAME", ...accountOf(kind) }, kind.credential);
  const { secret } = await rig.addKey();
  const said = "Rate limit reached for gpt-5 in organization org-AbCdEf123 (owner@corp.example) on requests per min";
  const reply = whole(
    429,
    { error: { message: said, type: "requests", code: "rate_limit_exceeded" } },
    { "x-request-id": "req_42" },
  );
  const env = { ...rig.env, dispatch: provider(() => reply).dispatch };
  const { answer, text } = await call(kind.handle, kind.ask(secret, "hello", false), env);
  expect(answer.status).toBe(429);
  expect(text).toContain("Rate limit reached for gpt-5");
  expect(text).not.toMatch(/org-AbCdEf123|owner@corp|ACCOUNTNAME/);
  const [event] = await rig.events();
  expect(event?.attempts[0]).toMatchObject({
    status: 429,
    reason: said,
    type: "rate_limit_exceeded",
    requestId: "req_42",
  });
});

test.each([
  [400, "request.refused"],
  [404, "request.refused"],
  [413, "request.refused"],
  [500, "upstream.refused"],
])(
  "a %i that is passed on is kept with the provider's words and id, and as whose fault it is",
  async (status, code) => {
    const kind = kindOf("anthropic");
    await rig.addAccount(accountOf(kind), kind.credential);
    const { secret } = await rig.addKey();
    const said = "prompt is too long: 208310 tokens";
    const reply = whole(
      status,
      { type: "error", error: { type: "some_error", message: said } },
      { "request-id": "req_1" },
    );
    const env = { ...rig.env, dispatch: provider(() => reply).dispatch };
    expect((await call(kind.handle, kind.ask(secret, "hello", false), env)).answer.status).toBe(status);
    const [event] = await rig.events();
    expect(event).toMatchObject({ status, failure: `${code}: ${said}` });
    expect(event?.attempts.at(-1)).toMatchObject({ reason: said, type: "some_error", requestId: "req_1" });
    expect(JSON.stringify(event).length).toBeLessThan(1_200);
  },
);

test("the status that the client saw is kept beside the relay's own", async () => {
  const kind = kindOf("anthropic");
  const limited = whole(429, { error: { type: "rate_limit_error", message: "no" } }, { "retry-after": "600" });
  await rig.addAccount(accountOf(kind), kind.credential);
  const { secret } = await rig.addKey();
  const env = { ...rig.env, dispatch: provider(() => limited).dispatch };
  await call(kind.handle, kind.ask(secret, "hello", false), env);
  rig.pass(6_000);
  expect((await call(kind.handle, kind.ask(secret, "hello", false), env)).answer.status).toBe(529);
  const events = await rig.events();
  expect(events.map(({ status, clientStatus }) => [status, clientStatus])).toEqual([
    [429, undefined],
    [503, 529],
  ]);
});
