import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../../test/rig.ts";
import { encodeFrame, eventFrame, exceptionFrame } from "../../../../test/upstream/bedrock/frames.ts";
import { secretOf } from "../../../../test/upstream/bedrock/sigv4.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { handle as countTokens } from "../../../endpoints/relay/count-tokens.ts";
import { handle as messages } from "../../../endpoints/relay/messages.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import { readPool } from "../../../core/accounts/pool.ts";
import { pullBody } from "../../../wire/dispatch.ts";
import { receiveBedrock } from "./answer.ts";
import { signAws } from "./sign.ts";
import { bedrock } from "./bedrock.ts";
import { bedrockProfile } from "../anthropic/claude-names.ts";

let rig: Rig;
let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const aws = (accessKeyId: string, more = {}): Credential => ({
  ...{ kind: "aws", accessKeyId, secretAccessKey: secretOf(accessKeyId) },
  ...more,
});
const addBedrock = (change: Partial<Account> = {}, credential = aws("AKIASIM")) =>
  rig.addAccount({ kind: "bedrock", baseUrl: upstream.url, settings: { region: "eu-west-1" }, ...change }, credential);
const ask = (secret: string, content = "hello", change: Record<string, unknown> = {}) => ({
  query: "beta=true",
  headers: { authorization: `Bearer ${secret}`, "anthropic-beta": "claude-code-20250219,context-1m-2025-08-07" },
  body: { model: "claude-sonnet-4-5", max_tokens: 99, stream: true, messages: [{ role: "user", content }], ...change },
});
const received = () => upstream.requests.find(({ path }) => path.startsWith("/model/"));

describe("a message by way of Bedrock", () => {
  test("is signed, and its body is as it was but for model, stream, version and betas", async () => {
    await addBedrock({}, aws("AKIASIM", { sessionToken: "token" }));
    const { secret } = await rig.addKey();
    const body =
      '{"stream":true , "messages" : [{"role":"user","content":"h\\u00e9 \\"model\\":1"}],\n"max_tokens":9,"model":"claude-sonnet-4-5" }';
    const { answer, text } = await call(messages, { ...ask(secret), body: Buffer.from(body) }, rig.env);
    expect([answer.status, answer.headers["content-type"], text.includes("message_stop")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
      true,
    ]);
    expect(received()?.path).toBe("/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream");
    const rest = ' "messages" : [{"role":"user","content":"h\\u00e9 \\"model\\":1"}],\n"max_tokens":9 }';
    const added = '{"anthropic_beta":["context-1m-2025-08-07"],"anthropic_version":"bedrock-2023-05-31",';
    expect(received()?.body.toString()).toBe(added + rest);
    expect(JSON.stringify(received()?.headers)).not.toContain(secret);
    expect((await rig.events())[0]?.rules).toEqual([
      expect.stringContaining("said as Bedrock wants"),
      "model claude-sonnet-4-5 → eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "beta claude-code-20250219 left out: not known to bedrock",
    ]);
  });

  test("says the very events, and counts cached tokens", async () => {
    await addBedrock();
    await rig.addAccount({ id: "direct", baseUrl: upstream.url, isDedicated: true });
    const { secret } = await rig.addKey();
    const prompt = "[[sim:in=100,out=20,read=2000,w5m=400,w1h=600]] 你好";
    const { text } = await call(messages, ask(secret, prompt), rig.env);
    const direct = await rig.addKey({ bindings: { claude: "direct" } });
    const native = await call(messages, ask(direct.secret, prompt), rig.env);
    const withoutIds = (events: string) => events.replace(/"id":"[^"]*"/g, "").replace(/"model":"[^"]*"/g, "");
    expect(withoutIds(text)).toBe(withoutIds(native.text));
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", model: "claude-sonnet-4-5" });
    expect(event?.usage).toMatchObject({
      inputTokens: 100,
      cacheReadTokens: 2000,
      cacheWrite5mTokens: 400,
      cacheWrite1hTokens: 600,
      outputTokens: 20,
    });
    expect(event?.costNanos).toBeGreaterThan(0);
  });

  test("comes whole, too", async () => {
    await addBedrock();
    const { secret } = await rig.addKey();
    const { answer, text } = await call(messages, ask(secret, "[[sim:in=7,out=3]]", { stream: undefined }), rig.env);
    expect([answer.status, answer.headers["request-id"]]).toEqual([200, "sim-bedrock-request"]);
    expect(JSON.parse(text)).toMatchObject({ type: "message", usage: { input_tokens: 7 } });
    expect((await rig.events())[0]?.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  test("goes by a Bedrock API key as a bearer", async () => {
    await addBedrock({}, aws("", { bearerToken: "bedrock-api-key" }));
    const { secret } = await rig.addKey();
    expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(200);
    expect(received()?.headers).toMatchObject({ authorization: "Bearer bedrock-api-key" });
  });

  test("its tokens are counted by the model without a profile", async () => {
    await addBedrock();
    const { secret } = await rig.addKey();
    const asked = {
      ...ask(secret, "hello", { stream: undefined, max_tokens: undefined }),
      path: "/v1/messages/count_tokens",
    };
    const { answer, text } = await call(countTokens, asked, rig.env);
    expect([answer.status, JSON.parse(text)]).toEqual([200, { input_tokens: expect.any(Number) as number }]);
    expect(received()?.path).toBe("/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/count-tokens");
  });
});

describe("Bedrock's errors", () => {
  test.each([
    ["400", 400, "invalid_request_error"],
    ["404", 404, "not_found_error"],
    ["429", 429, "rate_limit_error"],
    ["503", 503, "overloaded_error"],
  ])("%s is said as Anthropic's API says it, with the status and the words", async (fault, status, type) => {
    await addBedrock({}, aws(`AKIA-sim-${fault}`));
    const { secret } = await rig.addKey();
    const { answer, text } = await call(messages, ask(secret), rig.env);
    expect([answer.status, JSON.parse(text)]).toEqual([
      status,
      { type: "error", error: { type, message: expect.any(String) as string } },
    ]);
  });

  test.each(["403", "424", "429", "500", "503", "error-first", "error-first=modelStreamErrorException", "reset"])(
    "%s before anything was sent is another account's turn",
    async (fault) => {
      await addBedrock({ priority: 1 }, aws(`AKIA-sim-${fault}`));
      const good = await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
      const { secret } = await rig.addKey();
      expect((await call(messages, ask(secret), rig.env)).text).toContain("message_stop");
      expect((await rig.events())[0]?.account).toBe(good.id);
    },
  );

  test.each(["403-token", "403-expired"])("%s stops the account", async (fault) => {
    const account = await addBedrock({}, aws(`AKIA-sim-${fault}`));
    const { secret } = await rig.addKey();
    expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(502);
    await rig.settled();
    expect((await readPool(rig.env)).accountById.get(account.id)?.stoppedBecause).toMatch(/security token/);
  });

  test.each(["cut=4", "end=4", "error-after=4"])(
    "a stream that breaks (%s) ends in an error event and is charged",
    async (fault) => {
      await addBedrock({}, aws(`AKIA-sim-${fault}`));
      const { secret } = await rig.addKey();
      expect((await call(messages, ask(secret), rig.env)).text).toMatch(/event: error\ndata: \{"type":"error"/);
      expect((await rig.events())[0]?.usage.inputTokens).toBeGreaterThan(0);
    },
  );
});

describe("frames", () => {
  const json = '{"type":"content_block_delta","delta":{"text":"é😀"}}';
  const bytes = Buffer.concat([
    eventFrame(json),
    encodeFrame({ ":message-type": "event", ":event-type": "x" }, "{}"),
    eventFrame(json),
  ]);
  const event = `event: content_block_delta\ndata: ${json}\n\n`;

  async function unpack(given: Buffer, size: number): Promise<string> {
    const chunks = Array.from({ length: Math.ceil(given.length / size) }, (_, at) =>
      given.subarray(at * size, (at + 1) * size),
    );
    const body = pullBody(
      () => Promise.resolve(chunks.shift()),
      () => undefined,
    );
    const headers = { "content-type": "application/vnd.amazon.eventstream" };
    const received = await receiveBedrock({ status: 200, headers, body }, { operation: "messages" } as never);
    let text = "";
    for (let part = await received.body.read(); part; part = await received.body.read())
      text += Buffer.from(part).toString();
    return text;
  }

  test.each([1, 2, 7, 64, 10_000])(
    "are found however the bytes are cut (%i); unknown ones say nothing",
    async (size) => {
      expect(await unpack(bytes, size)).toBe(event + event);
    },
  );

  test("an exception is an error event", async () => {
    const text = await unpack(exceptionFrame("modelTimeoutException", 'too "slow"'), 9);
    expect(text).toBe(
      `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "timeout_error", message: 'too "slow"' } })}\n\n`,
    );
  });

  test("damage, garbage and an end inside a frame are a broken stream, never a clean end", async () => {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(60) ^ 1, 60);
    await expect(unpack(damaged, 50)).rejects.toThrow(/damaged/);
    await expect(unpack(Buffer.from("<html>not frames at all</html>"), 50)).rejects.toThrow(/no event stream/);
    await expect(unpack(bytes.subarray(0, bytes.length - 1), 50)).rejects.toThrow(/inside a frame/);
  });
});

/** What the other kept library wants for hashing. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as Uint8Array));
  }
  update(data: string | Uint8Array) {
    this.#hash.update(data);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {
    return undefined;
  }
}

test("the signature is the one that AWS's own signer makes", async () => {
  const credential = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: "session",
  };
  const path = "/model/us.anthropic.claude-3-5-sonnet-20241022-v2%3A0/invoke";
  const host = "bedrock-runtime.us-west-2.amazonaws.com";
  const headers = { "content-type": "application/json", accept: "application/json", "user-agent": "some  agent" };
  const body = Buffer.from('{"é":1}');
  const ours = await signAws(
    { method: "POST", url: `https://${host}${path}`, headers, body },
    { kind: "aws", ...credential },
    "us-west-2",
  );
  const date = ours["x-amz-date"] ?? "";
  const signingDate = new Date(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, "$1-$2-$3T$4:$5:$6Z"));
  const signer = new SignatureV4({
    credentials: credential,
    region: "us-west-2",
    service: "bedrock",
    sha256: Sha256 as never,
    applyChecksum: false,
  });
  const signed = /SignedHeaders=([^,]+)/.exec(ours.authorization ?? "")?.[1]?.split(";") ?? [];
  const theirs = await signer.sign(
    { method: "POST", protocol: "https:", hostname: host, path, query: {}, headers: { ...headers, host }, body },
    {
      signingDate,
      signableHeaders: new Set(signed),
      unsignableHeaders: new Set(Object.keys(headers).filter((name) => !signed.includes(name))),
    },
  );
  const signature = (value: string | undefined) => /Signature=(\w+)/.exec(value ?? "")?.[1];
  expect(signature(ours.authorization)).toBe(signature(theirs.headers.authorization));
  expect(signed).toContain("x-amz-security-token");
});

test.each([
  ["claude-sonnet-4-5", "us-east-1", undefined, "us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
  ["claude-3-5-sonnet-20241022", "ap-northeast-1", undefined, "apac.anthropic.claude-3-5-sonnet-20241022-v2:0"],
  ["claude-haiku-4-5", "ap-northeast-1", undefined, "jp.anthropic.claude-haiku-4-5-20251001-v1:0"],
  ["claude-opus-4-6", "sa-east-1", undefined, "global.anthropic.claude-opus-4-6-v1"],
  ["claude-opus-5-5", "us-west-2", "global", "global.anthropic.claude-opus-5-5"],
  ["claude-3-haiku-20240307", "eu-central-1", "none", "anthropic.claude-3-haiku-20240307-v1:0"],
  ["eu.anthropic.claude-opus-4-6-v1", "us-west-2", undefined, "eu.anthropic.claude-opus-4-6-v1"],
  [
    "arn:aws:bedrock:us-east-1:1:inference-profile/x",
    "us-west-2",
    "global",
    "arn:aws:bedrock:us-east-1:1:inference-profile/x",
  ],
])("%s in %s (wished: %s) is %s", (model, region, wished, id) => {
  expect(bedrockProfile(model, region, wished)).toBe(id);
});

test("the region is the account's, or the one that its address names", () => {
  const call = { operation: "messages", target: "/model/x/invoke" } as never;
  const account = (change: Partial<Account>) => ({ settings: {}, baseUrl: undefined, ...change }) as Account;
  expect(bedrock.address(account({ settings: { region: "eu-west-3" } }), call)).toBe(
    "https://bedrock-runtime.eu-west-3.amazonaws.com/model/x/invoke",
  );
  expect(bedrock.address(account({}), call)).toContain("us-east-1");
  expect(() => bedrock.accept?.({ kind: "aws", accessKeyId: "", secretAccessKey: "" })).toThrow(/bearerToken/);
});
