import { setTimeout as pause } from "node:timers/promises";

/** Looks again and again until what is seen fits. Rejects after five seconds with what was seen last. */
export async function until<T>(look: () => T | Promise<T>, fits: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`after five seconds still ${JSON.stringify(seen)}`);
    await pause(20);
  }
}
