import { createHmac, timingSafeEqual } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Env } from "../../env.ts";
import type { Answer, Pourable, Request } from "../../wire/exchange.ts";

/** What the relay tells of a request that came to it, in the first event of a probe. */
export interface Seen {
  /** The client's address, as limits and the audit log take it. */
  readonly ip: string;
  /** The relay's clock, epoch milliseconds. */
  readonly at: number;
  /** `x-forwarded-proto` as it arrived. */
  readonly proto: string | undefined;
  readonly usesQStash: boolean;
}

export const probeHeader = "x-relay-probe";
export const probeEvents = 6;
export const probeGapMs = 400;
const goodForMs = 300_000;

/** Shows that its sender knows JWT_SECRET, without telling it; good for five minutes either way. */
export function signProbe(secret: string, at: number): string {
  const mark = createHmac("sha256", secret).update(`claude-relay doctor ${at}`).digest("base64url");
  return `${at}.${mark}`;
}

/**
 * `claude-relay doctor` asks /health so, through whatever stands in front: a stream of six events, 400 ms apart, that no
 * provider and no store takes part in. Undefined for whoever does not know the relay's secret.
 */
export function answerProbe({ headers, ip }: Request, env: Env): Answer | undefined {
  const given = headers[probeHeader];
  const at = Number(given?.split(".")[0]);
  if (given === undefined || !(Math.abs(env.now() - at) < goodForMs)) return undefined;
  const [wanted, shown] = [Buffer.from(signProbe(env.config.JWT_SECRET, at)), Buffer.from(given)];
  if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted)) return undefined;
  const { QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY, PUBLIC_URL } = env.config;
  const usesQStash = Boolean(QSTASH_CURRENT_SIGNING_KEY && QSTASH_NEXT_SIGNING_KEY && PUBLIC_URL);
  const seen: Seen = { ip, at: env.now(), proto: headers["x-forwarded-proto"], usesQStash };
  return {
    status: 200,
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
    body: { pour: writeEvents(seen) },
  };
}

const writeEvents =
  (seen: Seen): Pourable["pour"] =>
  async (sink) => {
    for (let event = 0; event < probeEvents; event += 1) {
      if (event > 0) await pause(probeGapMs);
      sink.write(Buffer.from(`data: ${JSON.stringify(event === 0 ? seen : { event })}\n\n`));
    }
  };
