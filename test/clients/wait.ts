import { setTimeout as pause } from "node:timers/promises";

/** Looks again and again until what is seen fits. Rejects after `timeoutMs` (5,000) with what was seen last. */
export async function until<T>(look: () => T | Promise<T>, fits: (seen: T) => boolean, timeoutMs = 5_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms still ${JSON.stringify(seen)}`);
    await pause(20);
  }
}
