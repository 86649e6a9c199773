import type { Env } from "../env.ts";
import { Failure } from "../failure.ts";
import { isSame } from "../core/people/password.ts";
import { expositionType, writeMetrics } from "../core/process/exposition.ts";
import { collectMetrics } from "../core/process/metrics.ts";
import type { Answer, Request } from "../wire/exchange.ts";

/** GET /metrics: Prometheus' text format, for whoever shows `Authorization: Bearer METRICS_TOKEN`; 404 without the setting. */
export async function handle(request: Request, env: Env): Promise<Answer> {
  const { METRICS_TOKEN: token } = env.config;
  if (!token) throw new Failure("route.unknown", { message: "There is no GET /metrics: METRICS_TOKEN is not set." });
  const shown = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!isSame(shown, token)) {
    throw new Failure("key.unknown", { message: "Send METRICS_TOKEN as Authorization: Bearer." });
  }
  const headers = { "content-type": expositionType, "cache-control": "no-store" };
  return { status: 200, headers, body: writeMetrics(await collectMetrics(env)) };
}
