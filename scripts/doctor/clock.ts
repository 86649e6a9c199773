import { bad, ok, warn, type Finding } from "./finding.ts";

/** Signatures are good within five seconds, one-time codes within thirty. */
const mostMs = 5_000;

/** This machine's clock beside that of a server whose answers say what time it is (RFC 9110 § 6.6.1). */
export async function checkClock(reference: string, now: () => number): Promise<Finding> {
  try {
    const startedAt = now();
    const response = await fetch(reference, { method: "HEAD", signal: AbortSignal.timeout(10_000) });
    const told = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(told)) throw new Error("it does not say");
    // The header has whole seconds, and the answer took its time.
    const aheadMs = (startedAt + now()) / 2 - (told + 500);
    const seconds = Math.round(aheadMs / 1000);
    if (Math.abs(aheadMs) <= mostMs) return ok("clock", `within ${Math.abs(seconds)} s of ${new URL(reference).host}`);
    const says = `${Math.abs(seconds)} s ${aheadMs > 0 ? "ahead" : "behind"}: signatures and one-time codes are refused`;
    return bad("clock", says, "switch time synchronisation on: timedatectl set-ntp true");
  } catch {
    // Whether the reference is reached is no question of the relay's.
    return warn(
      "clock",
      `${new URL(reference).host} could not be asked for the time`,
      "compare it with another clock: date -u",
    );
  }
}
