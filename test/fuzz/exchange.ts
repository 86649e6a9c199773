import { setTimeout as pause } from "node:timers/promises";
import { openRaw, type RawConnection } from "../attack/client.ts";
import { type Answer, readAnswers } from "./answers-read.ts";

/** How a client ends: it waits for the answers, or leaves in the middle. */
export type Leaving = "waits" | "half-closes" | "resets";

/** Sends pieces on a connection of their own, and gives the answers that come until nothing more does for `quietMs`; empty if the client left. Throws for what is no HTTP. */
export async function exchange(
  url: string,
  pieces: readonly Buffer[],
  methods: readonly string[],
  leaving: Leaving,
  quietMs = 15_000,
): Promise<Answer[]> {
  const raw = await openRaw(url);
  for (const piece of pieces) await raw.send(piece);
  if (leaving === "resets") {
    raw.reset();
    await raw.closed;
    return [];
  }
  if (leaving === "half-closes") raw.socket.end();
  const isClosed = await quiet(raw, quietMs);
  const bytes = Buffer.from(raw.text(), "latin1");
  raw.reset();
  await raw.closed;
  return readAnswers(bytes, methods, isClosed);
}

/** Until the server closes, or says nothing more. True: it closed. */
async function quiet(raw: RawConnection, quietMs: number): Promise<boolean> {
  const closed = raw.closed.then(() => true);
  for (let seen = -1; seen !== raw.text().length;) {
    seen = raw.text().length;
    if (await Promise.race([closed, pause(quietMs, false)])) return true;
  }
  return false;
}

/** Cut at these places, as parts of the whole. */
export function split(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const at = [0, ...parts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}
