import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Ask, begin, buildBody, type Told } from "./client.ts";
import { pick, type Random } from "./random.ts";

/** A client on a bare socket. Answers are larger than all that the kernels' buffers take, so that back-pressure reaches the provider. */
interface Reader {
  readonly asked: Omit<Ask, "url">;
  readonly url: string;
  readonly holdMs: number;
  readonly random: Random;
  readonly tally: Told[];
}

const flood = (asked: Reader["asked"]) => ({ ...asked, behaviour: "flood=8" });

/** The ways in which clients stop reading. Each resolves when the client is gone. */
const ways: Readonly<Record<string, (reader: Reader) => Promise<void>>> = {
  async "reads nothing"(reader) {
    const opened = open(reader, [flood(reader.asked)]);
    opened.socket.pause();
    await pause(reader.holdMs);
    leave(opened, reader.random);
  },
  async "stops in the middle"(reader) {
    const opened = open(reader, [flood(reader.asked)]);
    await readSome(opened, 1 + reader.random() * 2_000_000);
    await pause(reader.holdMs);
    leave(opened, reader.random);
  },
  async "pipelines behind a stalled one"(reader) {
    const { asked } = reader;
    const behind = { ...asked, behaviour: "deltas=900,burst" };
    const opened = open(reader, [flood(asked), behind, { ...behind, isStream: false }, asked]);
    opened.socket.pause();
    await pause(reader.holdMs);
    leave(opened, reader.random);
  },
  /** It has said all that it will say, and reads on (RFC 9293, section 3.6). */
  async "closes its half"(reader) {
    const opened = open(reader, [{ ...reader.asked, isStream: true }]);
    opened.socket.end();
    await readAll(opened);
  },
  /** A laptop that is shut in the middle of an answer and opened again, before or after its connection was given up. */
  async "falls asleep"(reader) {
    const opened = open(reader, [{ ...reader.asked, behaviour: "deltas=400,pace=5" }]);
    await readSome(opened, 2_000);
    await pause(reader.holdMs * 2);
    opened.socket.resume();
    await readAll(opened);
  },
};

/** `count` clients, each of which stops reading in one of the ways. */
export async function stallAll(count: number, reader: Reader): Promise<void> {
  const one = async () => {
    await pause(reader.random() * reader.holdMs);
    await pick(Object.values(ways), reader.random)({ ...reader, holdMs: reader.holdMs * (0.5 + reader.random()) });
  };
  await Promise.all(Array.from({ length: count }, one));
}

function open({ url, asked: { secret }, tally }: Reader, asks: readonly Reader["asked"][]) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("error", () => undefined);
  const told = asks.map((asked) => {
    const one = begin(secret, tally);
    const body = buildBody(one.session, { url, ...asked });
    const head = [
      "POST /v1/messages HTTP/1.1",
      "host: relay",
      `x-api-key: ${secret}`,
      "anthropic-version: 2023-06-01",
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    return one;
  });
  const over = new Promise<void>((resolve) => socket.once("close", resolve).once("end", resolve));
  return { socket, told, over };
}

type Open = ReturnType<typeof open>;

/** Reads so many bytes and no more; less if the answer ends. */
async function readSome({ socket, over }: Open, bytes: number): Promise<void> {
  let left = bytes;
  const read = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.removeAllListeners("data");
      socket.pause();
      resolve();
    });
  });
  await Promise.race([read, over]);
}

async function readAll(opened: Open): Promise<void> {
  const { socket, told, over } = opened;
  const read = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      const [one] = told;
      if (!one) return;
      one.last = (one.last + chunk.toString("latin1")).slice(-600);
      // The last chunk of a chunked body (RFC 9112, section 7.1) after the last event.
      one.isWhole = /message_stop[^]*\r\n0\r\n\r\n$/.test(one.last);
      if (one.isWhole) resolve();
    });
  });
  await Promise.race([read, over]);
  end(opened);
}

function leave(opened: Open, random: Random): void {
  if (random() < 0.5) opened.socket.resetAndDestroy();
  else opened.socket.destroy();
  end(opened);
}

function end({ socket, told }: Open): void {
  socket.destroy();
  for (const one of told) one.endedAt = Date.now();
}
