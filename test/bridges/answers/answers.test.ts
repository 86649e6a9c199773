import { describe, expect, test } from "vitest";
import { translateAnswer, type Translation } from "../../../functions/relay/bridges/answer.ts";
import type { CrossingContext } from "../../../functions/relay/bridges/conversation.ts";
import { type JsonObject, objectOf, objectsOf, parseObject } from "../../../functions/wire/json.ts";
import { grammars } from "./grammar.ts";
import { type Client, clients } from "./readers.ts";
import { chatAnswers, claudeAnswers, geminiAnswers, gptAnswers, type Says, type Spoken } from "./upstreams.ts";

const upstreams: Readonly<Record<Client, readonly Spoken[]>> = {
  anthropic: claudeAnswers,
  "openai-responses": gptAnswers,
  "openai-chat": chatAnswers,
  gemini: geminiAnswers,
};

export const contextOf = (client: Client, upstream: Client, more: Partial<CrossingContext> = {}): CrossingContext => ({
  ...{ client, upstream, isCount: false, askedModel: "asked", model: "model", isStream: true, asksUsage: true },
  ...{ isCodeAssist: false, tools: new Map(), isOneCall: false, watchedStops: [], stops: [] },
  ...{ isThinkingAsked: true, isThinkingShown: true, safeguards: [], echo: {} },
  ...more,
});

interface Spelling {
  readonly newline?: string;
  readonly space?: string;
  readonly isNamed?: boolean;
  readonly beginning?: string;
}

/** Events on the wire, as the upstream's language writes them, or otherwise. */
function wire(events: readonly JsonObject[], upstream: Client, spelling: Spelling = {}): Buffer {
  const { newline = "\n", space = " ", isNamed = true, beginning = "" } = spelling;
  const lines = events.map((event) => {
    const name = isNamed && event.type !== undefined ? `event:${space}${String(event.type)}${newline}` : "";
    return `${name}data:${space}${JSON.stringify(event)}${newline}${newline}`;
  });
  const end = upstream === "openai-chat" ? `data:${space}[DONE]${newline}${newline}` : "";
  return Buffer.from(beginning + lines.join("") + end);
}

function run(translation: Translation, bytes: Uint8Array, size = bytes.length): Buffer {
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(translation.push(bytes.subarray(at, at + size)));
  return Buffer.concat([...out, translation.end()]);
}

/** What a language cannot tell of an answer. */
function tellable({ says }: Spoken, client: Client): Says {
  const { calls, finish } = says;
  if (client === "gemini") {
    const whole = calls?.filter(({ input }) => input !== undefined);
    const { calls: _calls, ...rest } = says;
    return {
      ...rest,
      ...(whole?.length ? { calls: whole } : {}),
      finish: finish === "stop-sequence" ? "stop" : finish,
    };
  }
  return finish === "stop-sequence" && client !== "anthropic" ? { ...says, finish: "stop" } : says;
}

/** Made up for each answer anew. */
const steady = (answer: Buffer): string =>
  answer
    .toString("utf8")
    .replace(/"(created|created_at|completed_at)":\d+/g, '"$1":0')
    .replace(/\b(msg|resp|rs|fc|ctc|ig|ws|call|toolu|srvtoolu|chatcmpl)[_-][0-9a-f]{8}[0-9a-f-]{24,}/g, "$1_x")
    .replace(/"responseId":"[0-9a-f-]{36}"/g, '"responseId":"x"');

const pairs = (Object.keys(upstreams) as Client[]).flatMap((upstream) =>
  (Object.keys(clients) as Client[]).filter((client) => client !== upstream).map((client) => ({ client, upstream })),
);

describe.each(pairs)("$upstream answers, read by $client", ({ client, upstream }) => {
  describe.each([...upstreams[upstream]])("$name", (spoken) => {
    const { streamed, says } = clients[client];
    const stream = () => translateAnswer(contextOf(client, upstream));
    const whole = () => translateAnswer(contextOf(client, upstream, { isStream: false }));
    const events = wire(spoken.events, upstream);

    test("the SDK reads the stream, and it says the same", async () => {
      const translation = stream();
      const bytes = run(translation, events);
      expect(grammars[client].stream(bytes.toString("utf8"))).toEqual([]);
      expect(says(await streamed(bytes))).toEqual(tellable(spoken, client));
      expect(translation.state()).toBe("complete");
    });

    test("however it is cut and spelled, the stream is the same", () => {
      const expected = steady(run(stream(), events));
      expect(steady(run(stream(), events, 1))).toBe(expected);
      expect(steady(run(stream(), events, 7))).toBe(expected);
      for (const spelling of spellings) {
        expect(steady(run(stream(), wire(spoken.events, upstream, spelling)))).toBe(expected);
      }
    });

    test("a whole answer says what the stream says", async () => {
      const folded = parseObject(run(whole(), events).toString("utf8")) ?? {};
      expect(grammars[client].whole(folded)).toEqual([]);
      expect(says(folded)).toEqual(tellable(spoken, client));
      expect(says(folded)).toEqual(says(await streamed(run(stream(), events))));
    });

    test("a stream that breaks off anywhere is told whole events and no end", () => {
      for (const share of [0.2, 0.5, 0.9]) {
        const translation = stream();
        const end = Math.floor((events.length - 2) * share);
        const told = translation.push(events.subarray(0, end));
        expect(Buffer.from(told).toString("utf8")).toMatch(/^$|\n\n$/);
        expect(translation.state()).toBe("open");
      }
    });

    if (!spoken.whole) return;
    test("JSON is read as the stream is, for a stream and for a whole answer", async () => {
      const json = Buffer.from(JSON.stringify(spoken.whole, undefined, 2));
      expect(says(parseObject(run(whole(), json, 11).toString("utf8")) ?? {})).toEqual(tellable(spoken, client));
      const unfolded = run(stream(), json);
      expect(grammars[client].stream(unfolded.toString("utf8"))).toEqual([]);
      expect(says(await streamed(unfolded))).toEqual(tellable(spoken, client));
    });
  });
});

const spellings: readonly Spelling[] = [
  { newline: "\r\n" },
  { space: "" },
  { isNamed: false },
  { beginning: ": comment\n\n" },
  { beginning: "\uFEFF" },
];

test("a seal goes to every client in the field that it sends back", () => {
  const [, , thoughtful] = claudeAnswers;
  const events = wire(thoughtful?.events ?? [], "anthropic");
  const told = (client: Client) =>
    run(translateAnswer(contextOf(client, "anthropic", { isStream: false })), events).toString("utf8");
  const mark = Buffer.from("anthropic.").toString("base64").slice(0, 13);
  expect(objectsOf(parseObject(told("openai-responses"))?.output)[0]?.encrypted_content).toMatch(/^anthropic\./);
  expect(told("openai-chat")).toMatch(/"thinking_blocks":\[\{[^\]]*"signature":"anthropic\./);
  expect(told("gemini")).toContain(`"thoughtSignature":"${mark}`);
});

test("Code Assist gets each event in its envelope, and a list where it asked for no events", () => {
  const events = wire(claudeAnswers[0]?.events ?? [], "anthropic");
  const stream = run(translateAnswer(contextOf("gemini", "anthropic"), { isEnveloped: true }), events).toString("utf8");
  for (const line of stream.split("\n").filter(Boolean)) expect(line).toMatch(/^data: \{"response":\{"candidates"/);
  const context = contextOf("gemini", "anthropic", { isStream: false });
  const list = JSON.parse(run(translateAnswer(context, { isList: true }), events).toString("utf8")) as JsonObject[];
  expect(list).toHaveLength(1);
  expect(list[0]?.candidates).toHaveLength(1);
});

test("a check that only Anthropic makes is told as not made", () => {
  const context = contextOf("anthropic", "openai-chat", { safeguards: ["dangerous_tool_use"] });
  const text = run(translateAnswer(context), wire(chatAnswers[0]?.events ?? [], "openai-chat")).toString("utf8");
  expect(text).toContain('"safeguard_results":[{"type":"dangerous_tool_use","status":{"type":"unsupported"}}]');
});

test("an answer ends at a stop sequence that the upstream does not watch for, however it is cut", () => {
  const [spoken] = chatAnswers;
  const context = contextOf("anthropic", "openai-chat", { watchedStops: ["ße", "zzz"], isStream: false });
  const message = parseObject(
    run(translateAnswer(context), wire(spoken?.events ?? [], "openai-chat")).toString("utf8"),
  );
  expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "ße", content: [{ text: "Grü" }] });
  expect(objectOf(message?.usage).output_tokens).toBe(20);
});

test("of several calls, one goes to a client that takes one at a time", () => {
  const context = contextOf("openai-chat", "gemini", { isOneCall: true, isStream: false });
  const answer = run(translateAnswer(context), wire(geminiAnswers[1]?.events ?? [], "gemini")).toString("utf8");
  expect(answer.match(/"name":"weather"/g)).toHaveLength(1);
});

test("tools bear the names that the client gave them", () => {
  const tools = new Map([["weather", { isCustom: true, name: "look", namespace: "outside" }]]);
  const context = contextOf("openai-responses", "openai-chat", { tools, isStream: false });
  const answer = run(translateAnswer(context), wire(chatAnswers[1]?.events ?? [], "openai-chat")).toString("utf8");
  const calls = objectsOf(parseObject(answer)?.output).filter(({ type }) => type === "custom_tool_call");
  expect(calls).toHaveLength(2);
  expect(calls[0]).toMatchObject({ name: "look", namespace: "outside" });
});

test("two messages never have one id, whatever the upstream calls its answers", () => {
  const events = wire(chatAnswers[0]?.events ?? [], "openai-chat");
  const context = contextOf("anthropic", "openai-chat", { isStream: false });
  const ids = [1, 2].map(() => parseObject(run(translateAnswer(context), events).toString("utf8"))?.id);
  expect(new Set(ids).size).toBe(2);
});
