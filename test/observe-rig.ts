import { buildBodyQueue, type BodyQueue } from "../functions/runtimes/http-client/body.ts";
import { anthropicDialect } from "../functions/relay/dialects/anthropic/anthropic.ts";
import { buildAnthropicReader } from "../functions/relay/dialects/anthropic/usage.ts";
import { type End, observe } from "../functions/relay/flow/observe.ts";
import type { Served } from "../functions/relay/upstreams/served.ts";
import { SecretFilter } from "../functions/wire/redact.ts";
import { buildRequest, type Rig } from "./rig.ts";

export interface ObserveRig {
  /** The upstream's side. */
  readonly body: BodyQueue;
  /** What the client was sent, a text a write. */
  readonly writes: string[];
  readonly ends: End[];
  begin(): void;
}

/** An answer whose first event was judged already, on its way to a client that takes all. */
export function buildRig(first: string): ObserveRig {
  const body = buildBodyQueue({ pause: () => undefined, resume: () => undefined, drop: () => undefined });
  const reader = buildAnthropicReader();
  reader.see(Buffer.from(first));
  const inbound = { status: 200, headers: {}, body: body.body };
  const explain = () => ({ message: reader.error()?.message ?? "", type: undefined, requestId: undefined });
  const filter = new SecretFilter([]);
  const served = { inbound, reader, peeked: [Buffer.from(first)], hasMore: true, explain, filter } as unknown as Served;
  const [writes, ends]: [string[], End[]] = [[], []];
  const { signal } = buildRequest({});
  const watch = {
    served,
    dialect: anthropicDialect,
    isStream: true,
    signal,
    settle: (end: End) => void ends.push(end),
  };
  const pourable = observe(watch, { config: { KEEPALIVE_SECONDS: 15 } } as Rig["env"]);
  const write = (chunk: Uint8Array) => writes.push(Buffer.from(chunk).toString()) > 0;
  const begin = () => void pourable.pour({ write, onDrain: () => undefined, end: () => undefined });
  return { body, writes, ends, begin };
}
