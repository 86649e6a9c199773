import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { Config } from "../../functions/config.ts";
import { listSchedules } from "../../functions/operations/jobs/qstash.ts";
import { schedulePrefix } from "../../functions/operations/jobs/schedules.ts";
import { bad, ok, reasonOf, warn, type Finding } from "./finding.ts";

const jobs = ["refresh", "cleanup", "rollup"];

/** QStash from both sides: what it has scheduled, and whether the relay believes a call that is signed as QStash signs. */
export async function checkQStash(base: string, config: Config): Promise<Finding[]> {
  const { QSTASH_TOKEN: token, QSTASH_URL: url, QSTASH_CURRENT_SIGNING_KEY: key, PUBLIC_URL } = config;
  if (!token || !key || !PUBLIC_URL) return [];
  return [await checkSchedules(PUBLIC_URL, { url, token }), await deliver(base, PUBLIC_URL, key)];
}

async function checkSchedules(publicUrl: string, qstash: { url: string; token: string }): Promise<Finding> {
  try {
    const ids = (await listSchedules(qstash)).map(({ scheduleId }) => scheduleId);
    const missing = jobs.filter((job) => !ids.includes(schedulePrefix(publicUrl) + job));
    if (missing.length === 0) return ok("qstash", "its three schedules are there");
    const remedy = "start the relay once more, which puts them, or: npm run schedules";
    return warn("qstash", `it has no schedule for ${missing.join(", ")}: the relay's own timer does the work`, remedy);
  } catch (error) {
    return bad(
      "qstash",
      reasonOf(error),
      "copy QSTASH_TOKEN and the region's QSTASH_URL from the QStash page of the Upstash console",
    );
  }
}

/** A call as QStash makes it (Upstash docs, "Verify signatures"), to the job that costs nothing when there is nothing to do. */
async function deliver(base: string, publicUrl: string, key: string): Promise<Finding> {
  const path = "/cron/cleanup";
  const body = "{}";
  const now = Math.floor(Date.now() / 1000);
  const signature = await new SignJWT({ body: createHash("sha256").update(body).digest("base64url") })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(publicUrl.replace(/\/+$/, "") + path)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + 300)
    .setJti(`doctor-${randomUUID()}`)
    .sign(Buffer.from(key));
  const headers = { "upstash-signature": signature, "content-type": "application/json" };
  try {
    const { status } = await fetch(base + path, { method: "POST", headers, body, signal: AbortSignal.timeout(60_000) });
    if (status === 200) return ok("qstash", "a signed call is believed and does its work");
    if (status === 404)
      return bad("qstash", "the relay knows no QStash", "set the signing keys and PUBLIC_URL in the relay, and deploy");
    const remedy = "copy both signing keys again, make PUBLIC_URL the same in the relay and here, and set the clock";
    return bad("qstash", `a call signed with QSTASH_CURRENT_SIGNING_KEY is refused (status ${status})`, remedy);
  } catch (error) {
    return bad("qstash", `a signed call does not arrive (${reasonOf(error)})`, "see the address above");
  }
}
