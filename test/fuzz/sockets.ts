import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { head, openRaw } from "../attack/client.ts";
import { split } from "./exchange.ts";
import { ways } from "./languages.ts";
import { mutate, step } from "./mutate.ts";
import { room } from "./room.ts";

/** RFC 6455 § 5.2. */
interface Frame {
  readonly isFinal: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly payload: Buffer;
  /** How the length is written: in the shortest form, a longer one, or a lie. */
  readonly length: "short" | "medium" | "long" | "lie";
}

const payload = fc.oneof(
  { weight: 3, arbitrary: fc.array(step, { maxLength: 3 }).map((steps) => ({ kind: "create" as const, steps })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0, 1, 125, 126, 5_000, 70_000, 1_200_000)
      .map((size) => ({ kind: "filled" as const, size })),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ kind: "bytes" as const, bytes })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "{}",
        "null",
        "[]",
        '{"type":"response.create"}',
        '{"type":"response.cancel"}',
        '{"type":"response.processed"}',
        "{",
      )
      .map((text) => ({ kind: "text" as const, text })),
  },
);

const message = fc.record({
  payload,
  /** In so many frames. */
  frames: fc.constantFrom(1, 1, 1, 2, 5),
  opcode: fc.constantFrom(1, 1, 1, 1, 1, 2, 0, 3, 8, 9, 10, 15),
  reserved: fc.constantFrom(0, 0, 0, 0, 0, 0, 4, 7),
  isMasked: fc.constantFrom(true, true, true, true, true, true, false),
  isEnded: fc.constantFrom(true, true, true, true, false),
  length: fc.constantFrom("short", "short", "short", "short", "medium", "long", "lie"),
  /** A control frame between its parts. */
  between: fc.constantFrom(0, 0, 9, 10),
});

/** Frames of a WebSocket: in parts, badly masked, huge, in a wrong order, and more after a refusal. */
export const sockets = room({
  name: "sockets",
  arbitrary: fc.record({
    model: fc.constantFrom(1, 6),
    messages: fc.array(message, { minLength: 1, maxLength: 6 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
    isReader: fc.constantFrom(true, true, true, false),
    leaving: fc.constantFrom("close", "close", "reset"),
  }),
  async attempt(made, { url, secret }) {
    const raw = await openRaw(url);
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": 13 };
    const key = randomBytes(16).toString("base64");
    await raw.send(
      head("GET", "/openai/v1/responses", { ...upgrade, "sec-websocket-key": key, authorization: `Bearer ${secret}` }),
    );
    if ((await raw.status()) !== 101) throw new Error(`No WebSocket: ${raw.text().slice(0, 300)}`);
    if (!made.isReader) raw.socket.pause();
    const frames = made.messages.flatMap((each) => framesOf(each, made.model));
    for (const piece of split(Buffer.concat(frames.map(writeFrame)), made.cuts)) await raw.send(piece);
    const goodbye = {
      isFinal: true,
      reserved: 0,
      opcode: 8,
      isMasked: true,
      payload: Buffer.from([3, 232]),
      length: "short",
    } as const;
    await Promise.race([raw.closed, pause(made.leaving === "close" ? 150 : 20)]);
    if (made.leaving === "close" && made.isReader) {
      await raw.send(writeFrame(goodbye));
      await Promise.race([raw.closed, pause(200)]);
    }
    raw.reset();
    await raw.closed;
    readFrames(Buffer.from(raw.text(), "latin1"));
  },
});

type Message = typeof message extends fc.Arbitrary<infer T> ? T : never;

function framesOf(made: Message, model: number): Frame[] {
  const bytes = bytesOf(made.payload, model);
  const parts = split(
    bytes,
    Array.from({ length: made.frames - 1 }, (_, index) => (index + 1) / made.frames),
  );
  return parts.flatMap((part, index) => {
    const isFinal = made.isEnded && index === parts.length - 1;
    const frame: Frame = { ...made, isFinal, opcode: index === 0 ? made.opcode : 0, payload: part };
    const control: Frame = {
      ...frame,
      isFinal: true,
      reserved: 0,
      opcode: made.between,
      payload: Buffer.from("p"),
      length: "short",
    };
    return made.between ? [frame, control] : [frame];
  });
}

function bytesOf(made: Message["payload"], model: number): Buffer {
  if (made.kind === "create") {
    const { stream: _overHttpOnly, ...body } = ways[model]?.body("hello", true) ?? {};
    return Buffer.from(JSON.stringify(mutate({ type: "response.create", ...body }, made.steps)) ?? "");
  }
  if (made.kind === "filled") return Buffer.alloc(made.size, 120);
  return made.kind === "bytes" ? Buffer.from(made.bytes) : Buffer.from(made.text);
}

function writeFrame({ isFinal, reserved, opcode, isMasked, payload: bytes, length }: Frame): Buffer {
  const told = length === "lie" ? bytes.length + 1_000 : bytes.length;
  const form = length === "long" || told > 0xffff ? 127 : length === "medium" || told > 125 ? 126 : told;
  const first = Buffer.from([(isFinal ? 0x80 : 0) | (reserved << 4) | opcode, (isMasked ? 0x80 : 0) | form]);
  const size = Buffer.alloc(form === 127 ? 8 : form === 126 ? 2 : 0);
  if (form === 127) size.writeBigUInt64BE(BigInt(told));
  if (form === 126) size.writeUInt16BE(told);
  if (!isMasked) return Buffer.concat([first, size, bytes]);
  const mask = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([first, size, mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** Throws if what a server sent behind its handshake is no row of frames: unmasked, of known kinds, JSON in the text ones. */
function readFrames(bytes: Buffer): void {
  let at = bytes.indexOf("\r\n\r\n", 0, "latin1") + 4;
  while (at + 2 <= bytes.length) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    if ((first & 0x70) !== 0 || ![0, 1, 8, 9, 10].includes(first & 15) || (second & 0x80) !== 0)
      throw new Error(`No frame of a server: ${bytes.toString("hex", at, at + 20)}`);
    const size = second === 126 ? 2 : second === 127 ? 8 : 0;
    if (at + 2 + size > bytes.length) return;
    const length =
      size === 0 ? second : size === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    const start = at + 2 + size;
    if (start + length > bytes.length) return;
    if ((first & 0x8f) === 0x81) JSON.parse(bytes.toString("utf8", start, start + length));
    at = start + length;
  }
}
