import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { checkError, checkOwn } from "./answers-read.ts";
import { exchange, split } from "./exchange.ts";
import { headOf, type Way, ways } from "./languages.ts";
import { mutate, type Step, step } from "./mutate.ts";
import { room } from "./room.ts";
import type { Stage } from "./stage.ts";

/** A change of the answer's events. */
const eventStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ how: fc.constant("json" as const), at: fc.nat(100), step }) },
  {
    weight: 3,
    arbitrary: fc.record({
      how: fc.constantFrom("remove", "repeat", "swap", "comment", "huge", "many"),
      at: fc.nat(100),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      how: fc.constant("insert" as const),
      at: fc.nat(100),
      text: fc.oneof(
        fc.constantFrom(
          ...[
            "event: error\ndata: {}\n\n",
            "data: [DONE]\n\n",
            "data:\n\n",
            ":\n\n",
            "\n\n\n\n",
            "id: 1\nretry: x\n\n",
          ],
        ),
        fc.constantFrom(
          ...[
            "data: {\ndata: }\n\n",
            "event: message_stop\n\n",
            "data: null\n\n",
            "data: []\n\n",
            "data: {}\n\n",
            "data: {",
          ],
        ),
        fc.constantFrom(
          ...['event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n'],
        ),
        fc.string({ unit: "binary", maxLength: 60 }),
      ),
    }),
  },
);

const head = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 200, 200, 201, 204, 206, 302, 400, 401, 404, 413, 429, 500, 529, 599),
  type: fc.constantFrom(
    ...[
      "",
      "",
      "",
      "",
      "text/event-stream; charset=utf-8",
      "text/html",
      "application/json",
      "x",
      "text/event-stream;;",
    ],
  ),
  encoding: fc.constantFrom(...["", "", "", "", "", "gzip", "gzip!", "br", "zstd", "__proto__", "identity"]),
  length: fc.constantFrom(...["close", "close", "chunked", "chunked", "right", "short", "long", "bad chunks"]),
  more: fc.array(
    fc.constantFrom(
      ...["retry-after: x", "retry-after: -1", "retry-after: 99999999999", "set-cookie: a=b", "x: \xff\xfe"],
    ),
    { maxLength: 2 },
  ),
});

const arbitrary = fc.record({
  way: fc.constantFrom(...ways.keys()),
  isStream: fc.constantFrom(true, true, true, false),
  steps: fc.array(eventStep, { maxLength: 4 }),
  newline: fc.constantFrom("\n", "\n", "\n", "\r\n", "\r"),
  bom: fc.constantFrom(false, false, false, true),
  kept: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  head,
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
  isDrop: fc.constantFrom(false, false, false, true),
  end: fc.constantFrom("close", "close", "close", "reset"),
  leaving: fc.constantFrom("waits", "waits", "waits", "waits", "resets"),
});

/** What a provider answers: valid answers of each language, changed in events, bytes and framing. */
export const upstreamAnswers = room({
  name: "answers",
  arbitrary,
  async attempt(made, stage) {
    const way = ways[made.way];
    if (!way) return;
    const bytes = respond(made, await templateOf(way, made.isStream, stage));
    const pieces = made.isDrop ? drip(bytes) : split(bytes, made.cuts);
    const mark = `fuzz-mark-${(lastMark += 1)}`;
    stage.provider.play(mark, { pieces, end: made.end });
    const body = Buffer.from(JSON.stringify(way.body(mark, made.isStream)));
    const asked = headOf(way, made.isStream, stage.secret, ["connection: close", `content-length: ${body.length}`]);
    const answers = await exchange(stage.url, [Buffer.from(asked), body], ["POST"], made.leaving);
    stage.provider.forget(mark);
    if (made.leaving === "resets") return;
    const [answer] = answers;
    if (answers.length !== 1 || !answer) throw new Error(`${answers.length} answers to one request`);
    if (made.head.status !== 500) checkOwn(answer);
    // What a provider says against a request goes down as it came where no bridge lies between.
    if (way.language !== way.provider) checkError(answer, way.language);
  },
});

let lastMark = 0;
const templates = new Map<string, Promise<string>>();

/** What the simulated provider answers, as text; asked for through the relay's own account so that all of its fields are there. */
function templateOf(way: Way, isStream: boolean, { provider }: Stage): Promise<string> {
  const native = ways.find((each) => each.language === way.provider && each.provider === way.provider);
  const known = templates.get(`${way.provider} ${isStream}`);
  if (known || !native) return known ?? Promise.resolve("");
  const headers = {
    "content-type": "application/json",
    ...(way.provider === "openai" ? { authorization: "Bearer sk-sim-ok" } : {}),
    ...(way.provider === "anthropic" ? { "x-api-key": "sk-sim-ok", "anthropic-version": "2023-06-01" } : {}),
    ...(way.provider === "gemini" ? { "x-goog-api-key": "sk-sim-ok" } : {}),
  };
  const path = native.path(isStream).replace(/^\/(openai|gemini)/, "");
  const words = '[[sim:tool=read {"path":"a"}]] hello';
  const asked = fetch(provider.upstream.url + path, {
    method: "POST",
    headers,
    body: JSON.stringify(native.body(words, isStream)),
  });
  const text = asked.then(async (answer) => {
    if (answer.status !== 200) throw new Error(`No template of ${way.provider}: ${await answer.text()}`);
    return answer.text();
  });
  templates.set(`${way.provider} ${isStream}`, text);
  return text;
}

/** One byte at a time, as far as that is bearable. */
function drip(bytes: Buffer): Buffer[] {
  const singles = Array.from({ length: Math.min(bytes.length, 600) }, (_, index) => bytes.subarray(index, index + 1));
  return [...singles, bytes.subarray(singles.length)];
}

type Made = typeof arbitrary extends fc.Arbitrary<infer T> ? T : never;

function respond(made: Made, template: string): Buffer {
  let events = template.split(/(?<=\n\n)/);
  for (const each of made.steps) events = change(events, each);
  const text = (made.bom ? "\ufeff" : "") + events.join("").replaceAll("\n", made.newline);
  const whole = Buffer.from(text);
  const plain = whole.subarray(0, Math.ceil(whole.length * made.kept));
  const { status, type, encoding, length, more } = made.head;
  const body = encoding === "gzip" ? gzipSync(plain) : plain;
  const framed = frame(body, length);
  const lines = [
    `HTTP/1.1 ${status} OK`,
    `content-type: ${type || (made.isStream && status === 200 ? "text/event-stream" : "application/json")}`,
    ...(encoding ? [`content-encoding: ${encoding.replace("!", "")}`] : []),
    ...more,
    ...framed.headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), framed.body]);
}

function frame(body: Buffer, length: string): { headers: string[]; body: Buffer } {
  if (length === "close") return { headers: ["connection: close"], body };
  if (!length.includes("chunk")) {
    const off = { right: 0, short: -1, long: 5 }[length] ?? 0;
    return { headers: [`content-length: ${Math.max(0, body.length + off)}`], body };
  }
  const size = (length === "chunked" ? body.length : body.length + 3).toString(16);
  const parts = body.length === 0 ? [] : [Buffer.from(`${size}\r\n`), body, Buffer.from("\r\n")];
  return { headers: ["transfer-encoding: chunked"], body: Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]) };
}

const mostManyBytes = 10_000_000;

function change(events: readonly string[], made: Made["steps"][number]): string[] {
  const at = made.at % events.length;
  const event = events[at] ?? "";
  const put = (...instead: string[]) => events.toSpliced(at, 1, ...instead);
  if (made.how === "json") return put(changeData(event, made.step));
  if (made.how === "remove") return put();
  if (made.how === "repeat") return put(event, event);
  if (made.how === "swap") return put().concat(event);
  if (made.how === "comment") return put(": comment\n\n", event);
  if (made.how === "insert") return put(event, made.text);
  if (made.how === "huge")
    return put(
      event.replace(/"hello|"text"|"read/, (found) => `${found}${"x".repeat(3_000_000)}`),
      event,
    );
  return put(...Array.from({ length: Math.min(3_000, Math.ceil(mostManyBytes / event.length)) }, () => event));
}

/** The event's data as JSON changed; the whole text, if it is an answer without events. */
function changeData(event: string, made: Step): string {
  const found = /^data: (.*)$/m.exec(event);
  const text = found?.[1] ?? event;
  try {
    const changed = JSON.stringify(mutate(JSON.parse(text), [made])) ?? "";
    return found ? event.replace(found[0], () => `data: ${changed}`) : changed;
  } catch {
    return event;
  }
}
