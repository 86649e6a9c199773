import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Env } from "../../functions/env.ts";
import { Failure, type FailureCode } from "../../functions/failure.ts";
import { relay } from "../../functions/relay/relay.ts";
import { isUntold, noUsage, type Usage } from "../../functions/core/money/usage.ts";
import type { Dialect } from "../../functions/relay/dialects/dialect.ts";
import { pullBody } from "../../functions/wire/dispatch.ts";
import { EventCutter } from "../../functions/wire/sse.ts";
import { buildRequest, readAnswer, type Rig, startRig } from "../rig.ts";
import { type Subject, subjects } from "./dialects.ts";

interface Expected {
  readonly about: string;
  /** `complete`: with the dialect's last event; `early`: without; `error`: with an error of the provider. */
  readonly ends: "complete" | "early" | "error";
  readonly text?: string;
  readonly error?: string;
  readonly usage: Partial<Usage>;
}

interface Fixture extends Expected {
  readonly name: string;
  readonly isStream: boolean;
  readonly bytes: Buffer;
}

function fixturesOf(subject: Subject): Fixture[] {
  const folder = join(import.meta.dirname, "..", "fixtures", subject.fixtures);
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Expected>;
  const files = readdirSync(folder).filter((name) => /\.(sse|json)$/.test(name) && name !== "expected.json");
  return files.map((name) => {
    const found = expected[name];
    if (!found) throw new Error(`${subject.fixtures}/expected.json does not know ${name}`);
    return { ...found, name, isStream: name.endsWith(".sse"), bytes: readFileSync(join(folder, name)) };
  });
}

/** In pieces of so many bytes: 1 splits every character and every CRLF; 0 is all at once. */
function inPieces(bytes: Buffer, size: number): Buffer[] {
  if (size === 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

const withCrlf = (bytes: Buffer) => Buffer.from(bytes.toString("utf8").replace(/\r?\n/g, "\r\n"));
const isBoundary = (bytes: Buffer) => bytes.length === 0 || /(\n\n|\r\n\r\n)$/.test(bytes.toString("latin1"));
const eventsOf = (bytes: Buffer) => bytes.toString("utf8").split(/(?<=\n\n|\r\n\r\n)/);

/** A stream goes on in whole events: half of one at its end stays behind. */
function wholeEvents(bytes: Buffer): Buffer {
  const events = eventsOf(bytes);
  if (!isBoundary(Buffer.from(events.at(-1) ?? ""))) events.pop();
  return Buffer.from(events.join(""));
}

/** Whether these whole events have anything beyond what only opens a stream, which is held back. */
function hasContent(dialect: Dialect, bytes: Buffer): boolean {
  let isFound = false;
  const cutter = new EventCutter(["data:"], (data) => {
    isFound ||= !dialect.opens(data);
  });
  cutter.see(wholeEvents(bytes));
  return isFound;
}

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

interface Given {
  readonly pieces: readonly Uint8Array[];
  readonly isStream: boolean;
  /** The line breaks after the last piece instead of ending. */
  readonly breaks?: boolean;
}

interface Relayed {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly bytes: Buffer;
  readonly error: unknown;
  readonly usage: Usage | undefined;
  readonly outcome: string | undefined;
}

/** What a client gets through the whole relay when an upstream answers so. */
async function through(subject: Subject, given: Given): Promise<Relayed> {
  const { upstream, dialect } = subject;
  const { key, secret } = await rig.addKey({ bindings: { [upstream.service]: `group:${nameOf(subject)}` } });
  const rest = [...given.pieces];
  const read = async (): Promise<Uint8Array | undefined> => {
    const piece = rest.shift();
    if (!piece && given.breaks) throw new Failure("upstream.broken", { message: "The line broke." });
    return piece;
  };
  const type = given.isStream ? "text/event-stream" : "application/json";
  const env: Env = {
    ...rig.env,
    dispatch: async () => ({ status: 200, headers: { "content-type": type }, body: pullBody(read, () => undefined) }),
  };
  const handle = relay(dialect, { upstreams: { [upstream.kind]: upstream }, bridges: [] });
  const { params = {}, ...asked } = subject.ask(given.isStream);
  const request = buildRequest({ ...asked, headers: { authorization: `Bearer ${secret}` } });
  const answer = await handle({ ...request, params }, env);
  const parts: Uint8Array[] = [];
  const error = await readAnswer(answer, (chunk) => void parts.push(chunk)).catch((thrown: unknown) => thrown);
  const event = (await rig.events()).find((each) => each.key === key.id);
  const { status, headers } = answer;
  return { status, headers, bytes: Buffer.concat(parts), error, usage: event?.usage, outcome: event?.outcome };
}

/** What was told stands; only input and output that were not told yet are guessed, and never as less. */
function guessed(told: Partial<Usage>): unknown {
  const { inputTokens = 0, outputTokens = 0 } = told;
  const input = inputTokens > 0 ? inputTokens : expect.any(Number);
  return expect.objectContaining({
    ...told,
    inputTokens: input,
    outputTokens: expect.toSatisfy((count: number) => count >= outputTokens),
  });
}

const answerOf = (bytes: Buffer, isStream: boolean) =>
  new Response(new Uint8Array(bytes), {
    headers: { "content-type": isStream ? "text/event-stream" : "application/json" },
  });

const nameOf = ({ title, dialect }: Subject) => (title ?? dialect.name).replaceAll(/[^\w]+/g, "-");

describe.each(subjects.map((subject) => [subject.title ?? subject.dialect.name, subject] as const))(
  "dialect %s",
  (_name, subject) => {
    const { dialect } = subject;
    const fixtures = fixturesOf(subject);
    const streams = fixtures.filter(({ isStream }) => isStream);
    const complete = fixtures.filter(({ ends }) => ends === "complete");

    beforeAll(() =>
      rig.addAccount(
        { kind: subject.upstream.kind, groups: [nameOf(subject)], ...subject.account },
        subject.credential ?? { kind: "api-key", secret: "none" },
      ),
    );

    const read = (fixture: Fixture, bytes: Buffer, size: number) => {
      const reader = dialect.usage(callOf(subject, fixture.isStream));
      for (const piece of inPieces(bytes, size)) reader.see(piece);
      reader.finish();
      return reader;
    };
    const stateOf = { complete: "complete", early: "open", error: "failed" };

    describe.each(fixtures.map((fixture) => [fixture.name, fixture] as const))("%s", (_file, fixture) => {
      const lines: (readonly [string, Buffer])[] = [["as it is", fixture.bytes]];
      if (fixture.isStream) lines.push(["with CRLF", withCrlf(fixture.bytes)]);

      test.each(lines)("gives the fixture's figures and end however it is split, %s", (_lines, bytes) => {
        for (const size of [0, 1, 2, 3, 7, 64, 1_000]) {
          const reader = read(fixture, bytes, size);
          expect({ size, ...reader.total() }).toMatchObject({ size, ...fixture.usage });
          expect({ size, state: reader.state() }).toEqual({ size, state: stateOf[fixture.ends] });
          if (fixture.error) expect(Object.values(reader.error() ?? {}).join(" ")).toMatch(new RegExp(fixture.error));
        }
      });

      test.each(lines)("comes down byte for byte however it is split, %s", async (_lines, bytes) => {
        for (const size of [0, 1, 7]) {
          const relayed = await through(subject, { pieces: inPieces(bytes, size), isStream: fixture.isStream });
          // An error that is the first event has not been sent yet, and is said again with a status.
          if (relayed.status !== 200) {
            expect(fixture.ends).toBe("error");
            continue;
          }
          const sent = fixture.ends === "early" && fixture.isStream ? wholeEvents(bytes) : bytes;
          const got = fixture.ends === "early" ? relayed.bytes.subarray(0, sent.length) : relayed.bytes;
          expect(Buffer.compare(got, sent)).toBe(0);
          const isTold = !isUntold({ ...noUsage(), ...fixture.usage }, 1);
          if (fixture.ends !== "complete" || !isTold) expect(relayed.usage).toEqual(guessed(fixture.usage));
          else expect(relayed.usage).toMatchObject(fixture.usage);
          expect(relayed.outcome).toBe({ complete: "complete", early: "broken", error: "failed" }[fixture.ends]);
        }
      });
    });

    test("tells at every byte whether a keep-alive may stand there", () => {
      for (const fixture of streams) {
        for (const bytes of [fixture.bytes, withCrlf(fixture.bytes)]) {
          const reader = dialect.usage(callOf(subject, true));
          const wrong: number[] = [];
          for (let at = 0; at < bytes.length; at++) {
            if (reader.isAtBoundary() !== isBoundary(bytes.subarray(0, at))) wrong.push(at);
            reader.see(bytes.subarray(at, at + 1));
          }
          expect({ name: fixture.name, wrong }).toEqual({ name: fixture.name, wrong: [] });
        }
      }
    });

    const readable = complete.filter(({ text }) => text !== undefined && text !== "");

    test("keep-alives between all events change nothing that the official SDK reads", async () => {
      const tried = readable.filter(({ isStream, name }) => isStream && name !== "no-usage.sse");
      expect(tried.length > 0).toBe(streams.length > 0);
      for (const { bytes, text } of tried) {
        const apart = eventsOf(bytes).flatMap((event) => [dialect.keepalive, Buffer.from(event)]);
        expect(await subject.judge(answerOf(Buffer.concat(apart), true), true)).toBe(text);
      }
    });

    test("the official SDK reads whole answers", async () => {
      const whole = readable.filter(({ isStream }) => !isStream);
      expect(whole.length).toBeGreaterThan(0);
      for (const { bytes, text } of whole) expect(await subject.judge(answerOf(bytes, false), false)).toBe(text);
    });

    describe("a stream that stops short", () => {
      const ends = complete.filter(({ isStream, name }) => isStream && !name.startsWith("no-usage"));

      /** Before any content the client has seen nothing yet: it gets a status, and the SDK the refusal's error. */
      async function expectRefused({ status, outcome, headers, bytes }: Relayed): Promise<void> {
        expect({ status, outcome }).toEqual({ status: 502, outcome: "refused" });
        const response = new Response(new Uint8Array(bytes), { status, headers });
        const error = await subject.judge(response, true).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(subject.refusalClass);
        expect(error).toMatchObject({ status });
      }

      test.each([
        ["breaks", true],
        ["ends cleanly", false],
      ])("%s after any event ends in the dialect's own error, which the official SDK throws", async (_how, breaks) => {
        let broken = 0;
        for (const fixture of ends.slice(0, 3)) {
          const events = eventsOf(fixture.bytes);
          for (let count = 1; count < events.length - 1; count++) {
            const sent = Buffer.from(events.slice(0, count).join(""));
            const relayed = await through(subject, { pieces: inPieces(sent, 50), isStream: true, breaks });
            if (relayed.outcome === "complete") {
              // What comes after the last event is of no use to anybody.
              expect(read(fixture, sent, 0).state()).toBe("complete");
              continue;
            }
            if (!hasContent(dialect, sent)) {
              await expectRefused(relayed);
              continue;
            }
            broken++;
            expect(relayed.outcome).toBe("broken");
            expect(Buffer.compare(relayed.bytes.subarray(0, sent.length), sent)).toBe(0);
            const last = relayed.bytes.subarray(sent.length).toString("utf8");
            const failure = new Failure("upstream.broken", {
              message: breaks ? "The line broke." : "The upstream's stream ended before its last event.",
            });
            expect(last).toBe(Buffer.from(dialect.interrupt(failure)).toString("utf8"));
            await expect(subject.judge(answerOf(relayed.bytes, true), true)).rejects.toThrow();
          }
        }
        // Refusals alone would say nothing of streams that break behind content.
        expect(broken > 0).toBe(ends.some(({ bytes }) => eventsOf(bytes).length > 2));
      });

      test("in the middle of an event never looks clean either", async () => {
        for (const fixture of ends.slice(0, 2)) {
          const first = Buffer.byteLength(eventsOf(fixture.bytes)[0] ?? "");
          const lastEvent = fixture.bytes.length - Buffer.byteLength(eventsOf(fixture.bytes).at(-1) ?? "");
          for (let at = first + 5; at < lastEvent; at += 131) {
            const sent = fixture.bytes.subarray(0, at);
            // The first event by itself, so that the answer has begun when the line breaks.
            const pieces = [sent.subarray(0, first), ...inPieces(sent.subarray(first), 33)];
            const relayed = await through(subject, { pieces, isStream: true, breaks: true });
            if (!hasContent(dialect, sent)) {
              await expectRefused(relayed);
              continue;
            }
            expect({ at, outcome: relayed.outcome }).toEqual({ at, outcome: "broken" });
            const whole = wholeEvents(sent);
            expect(Buffer.compare(relayed.bytes.subarray(0, whole.length), whole)).toBe(0);
            await expect(subject.judge(answerOf(relayed.bytes, true), true), `cut at ${at}`).rejects.toThrow();
          }
        }
      });

      test("a whole answer that breaks is cut off, not ended", async () => {
        for (const { bytes } of complete.filter(({ isStream }) => !isStream)) {
          const pieces = inPieces(bytes.subarray(0, bytes.length - 10), 40);
          const { error, outcome } = await through(subject, { pieces, isStream: false, breaks: true });
          expect(error).toBeInstanceOf(Failure);
          expect(outcome).toBe("broken");
        }
      });
    });

    test.each([
      ["key.missing", 401],
      ["key.unknown", 401],
      ["key.expired", 403],
      ["permission.forbidden", 403],
      ["model.forbidden", 403],
      ["model.unknown", 404],
      ["request.malformed", 400],
      ["request.too-large", 413],
      ["limit.requests", 429],
      ["limit.tokens", 429],
      ["limit.cost", 429],
      ["limit.concurrency", 429],
      ["account.none", 503],
      ["account.cooling", undefined],
      ["upstream.timeout", 504],
      ["internal", 500],
    ] as const)(
      "a refusal %s is the official SDK's error, with status and words",
      async (code: FailureCode, status) => {
        const failure = new Failure(code, { message: `Words of ${code}.`, retryAfterSeconds: 7_200 });
        const answer = dialect.refuse(failure, buildRequest(subject.ask(false)));
        expect(answer.status).toBe(status ?? answer.status);
        expect(answer.headers["x-should-retry"]).toBe(failure.isRetryable ? undefined : "false");
        const response = new Response(String(answer.body), { status: answer.status, headers: answer.headers });
        const error = await subject.judge(response, false).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(subject.refusalClass);
        expect(error).toMatchObject({ status: answer.status });
        expect(String(error)).toContain(failure.message);
      },
    );

    test("bytes that are no answer at all cost figures and nothing else", () => {
      const fixture = fixtures[0];
      const garbage = Buffer.from(Uint8Array.from({ length: 3_000 }, (_value, index) => (index * 7919) % 251));
      for (const bytes of [
        garbage,
        Buffer.from("{"),
        Buffer.from("data: {\n\ndata: []\n\ndata: null\n\n"),
        Buffer.from("null"),
      ])
        for (const isStream of [true, false])
          for (const size of [0, 1, 100])
            if (fixture) expect(read({ ...fixture, isStream }, bytes, size).total().inputTokens).toBe(0);
    });
  },
);

function callOf(subject: Subject, isStream: boolean) {
  const { path, query = "", params = {}, body } = subject.ask(isStream);
  const request = { ...buildRequest({ path, query, body }), params };
  return subject.dialect.read(request, Buffer.from(JSON.stringify(body)));
}
