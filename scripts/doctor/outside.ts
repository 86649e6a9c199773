import type { Config } from "../../functions/config.ts";
import { probeEvents, probeGapMs, probeHeader, signProbe, type Seen } from "../../functions/operations/doctor/probe.ts";
import { isPrivateHost } from "./address.ts";
import { bad, ok, reasonOf, warn, type Finding } from "./finding.ts";

const patienceMs = 20_000;
/** An address that nobody has (RFC 5737), to claim. */
const claimed = "192.0.2.123";
/** More than nginx takes unless it is told otherwise (client_max_body_size, 1 MB); Claude Code sends as much. */
const largeBytes = 2_000_000;

/** The relay as its clients find it: through whatever stands in front, at the address that they use. */
export async function checkOutside(url: string, config: Config | undefined): Promise<Finding[]> {
  const base = url.replace(/\/+$/, "");
  const health = await ask(`${base}/health`);
  if (health instanceof Error)
    return [bad("address", `${base} is not reached: ${reasonOf(health)}`, unreached(base, health))];
  const told = asHealth(health.text);
  if (told === undefined) {
    const remedy = "PUBLIC_URL must lead to the relay itself: look at the proxy's target, and that the service runs";
    return [bad("address", `what answers at ${base} is no relay (status ${health.status})`, remedy)];
  }
  const findings = [ok("address", `Claude Relay ${told.version} answers at ${base}`), checkHttps(base, config)];
  if (health.status !== 200)
    findings.push(bad("health", `/health says ${told.status}`, "see the store above, and the relay's log"));
  findings.push(await checkLarge(base), ...(config ? await checkProbe(base, config) : []));
  return findings;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answered | Error> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(patienceMs), ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function unreached(base: string, error: Error): string {
  const said = reasonOf(error);
  if (/certificate|self[- ]signed|altname|verify/i.test(said))
    return "its certificate is not valid for that name: renew it, or name the private authority in NODE_EXTRA_CA_CERTS";
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) return "the name is not in the DNS: make the record, or mend PUBLIC_URL";
  if (/wrong version number|SSL|packet length/i.test(said))
    return `there is no TLS: begin PUBLIC_URL with http://, or let the proxy listen for https`;
  return `start the relay (or its proxy), open the port, or mend PUBLIC_URL (it is "${base}")`;
}

function asHealth(text: string): { status: string; version: string } | undefined {
  try {
    const { status, version, store } = JSON.parse(text) as Record<string, unknown>;
    return typeof status === "string" && typeof version === "string" && store ? { status, version } : undefined;
  } catch {
    // A page of something else.
    return undefined;
  }
}

export function checkHttps(base: string, config: Config | undefined): Finding {
  const { protocol, hostname } = new URL(base);
  if (protocol === "https:") return ok("https", "keys and passwords are encrypted on their way");
  const isLoopback = /^(localhost|127\.|\[::1\])/.test(hostname);
  if (isLoopback) return ok("https", "not needed: this machine only");
  const remedy =
    "put HTTPS in front (docker compose --profile https up -d), or open the console by ssh -L 3000:localhost:3000";
  if (!isPrivateHost(hostname)) return bad("https", "keys and passwords cross the network in clear", remedy);
  if (config?.ALLOW_HTTP_CONSOLE) return warn("https", "keys and passwords cross your network in clear", remedy);
  return bad(
    "https",
    "a browser keeps no sign-in over plain http from another machine",
    `${remedy}; or set ALLOW_HTTP_CONSOLE=true`,
  );
}

/** Refused by the relay for its key, or by what stands in front for its size. */
async function checkLarge(base: string): Promise<Finding> {
  const body = JSON.stringify({ model: "doctor", filler: "x".repeat(largeBytes) });
  const headers = { "content-type": "application/json", "x-api-key": "cr_doctor" };
  const answer = await ask(`${base}/api/v1/messages`, { method: "POST", body, headers });
  if (!(answer instanceof Error) && answer.status === 401) return ok("requests", "large ones come through");
  const said = answer instanceof Error ? reasonOf(answer) : `status ${answer.status}`;
  return bad(
    "requests",
    `one of 2 MB does not come through (${said})`,
    "raise the proxy's limit (nginx: client_max_body_size 60m)",
  );
}

interface Probed {
  readonly seen: Seen;
  /** When each event arrived, from the first on. */
  readonly arrivals: readonly number[];
}

async function probe(base: string, secret: string, more: Record<string, string>): Promise<Probed | Error | "unproven"> {
  try {
    const headers = { [probeHeader]: signProbe(secret, Date.now()), ...more };
    const response = await fetch(`${base}/health`, { headers, signal: AbortSignal.timeout(patienceMs) });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return "unproven";
    const arrivals: number[] = [];
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      while (arrivals.length < text.split("\n\n").length - 1) arrivals.push(performance.now());
    }
    const seen = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? "{}") as Seen;
    return { seen, arrivals: arrivals.map((at) => at - (arrivals[0] ?? 0)) };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What only the relay itself can tell; it tells whoever knows its JWT_SECRET. */
async function checkProbe(base: string, config: Config): Promise<Finding[]> {
  const plain = await probe(base, config.JWT_SECRET, {});
  if (plain === "unproven") {
    const remedy =
      "run the doctor with the relay's own environment (docker compose exec relay claude-relay doctor), and set its clock";
    return [bad("same relay", "the relay at this address has another JWT_SECRET, or another time", remedy)];
  }
  if (plain instanceof Error)
    return [
      bad("streams", `a stream breaks on its way (${reasonOf(plain)})`, "look at the proxy's log and its timeouts"),
    ];
  const claims = { "x-forwarded-for": claimed, "x-real-ip": claimed };
  const looked = await probe(base, config.JWT_SECRET, claims);
  // A connection that was closed just then is no finding.
  const forged = looked instanceof Error ? await probe(base, config.JWT_SECRET, claims) : looked;
  const findings = [checkStream(plain), checkClient(base, plain.seen, forged, config)];
  if (config.QSTASH_TOKEN !== undefined && !plain.seen.usesQStash)
    findings.push(
      bad(
        "qstash",
        "the relay at this address has no signing keys",
        "set QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY and PUBLIC_URL there, and deploy",
      ),
    );
  return findings;
}

/** Six events are sent over two seconds; held back, they come together at the end. */
function checkStream({ arrivals }: Probed): Finding {
  const spread = arrivals.at(-1) ?? 0;
  const whole = probeGapMs * (probeEvents - 1);
  if (arrivals.length < probeEvents)
    return bad(
      "streams",
      `${arrivals.length} of ${probeEvents} events came`,
      "look at the proxy's log and its timeouts",
    );
  if (spread >= whole / 2)
    return ok("streams", `events come one by one, ${Math.round(spread / (probeEvents - 1))} ms apart`);
  const remedy =
    "switch buffering off (nginx: proxy_buffering off; Cloudflare: no caching or transforming of this host)";
  return bad(
    "streams",
    "what stands in front holds a stream back until it ends: answers come at once, and late",
    remedy,
  );
}

function checkClient(base: string, seen: Seen, forged: Awaited<ReturnType<typeof probe>>, config: Config): Finding {
  if (forged instanceof Error || forged === "unproven")
    return warn("client", "a second look did not come through", "run the doctor again");
  if (forged.seen.ip === claimed) {
    const remedy =
      "without a proxy in front take TRUST_PROXY out; a proxy must set X-Forwarded-For itself (nginx: $remote_addr)";
    return bad(
      "client",
      "anybody may claim any address by a header: limits to networks and the throttle of sign-ins mean nothing",
      remedy,
    );
  }
  const isBehind = seen.proto !== undefined || config.TRUST_PROXY !== 0;
  if (!isPrivateHost(new URL(base).hostname) && isPrivateHost(seen.ip) && isBehind) {
    const remedy = "set TRUST_PROXY to the number of proxies in front (1; on Render 2)";
    return bad("client", `every client looks like ${seen.ip}, the proxy's own address`, remedy);
  }
  if (config.TRUST_PROXY === 0 && seen.proto !== undefined) {
    return bad(
      "client",
      `there is a proxy in front, and every client looks like it (${seen.ip})`,
      "set TRUST_PROXY to the number of proxies in front (1; on Render 2)",
    );
  }
  return ok("client", `this machine is seen as ${seen.ip}, and claims of others are not believed`);
}
