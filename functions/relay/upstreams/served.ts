import type { Sieve, UsageReader } from "../dialects/dialect.ts";
import { cache, type Env } from "../../env.ts";
import type { Account } from "../../core/accounts/account.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { Upstream } from "./upstream.ts";

/** A provider's words about a call, short and without secrets, with its own code and its own id of the call. */
export interface Explanation {
  readonly message: string;
  readonly type: string | undefined;
  readonly requestId: string | undefined;
}

/** An answer that goes to the client: of which nothing has been sent yet, so that another account could still have been tried. */
export interface Served {
  readonly account: Account;
  readonly upstream: Upstream;
  readonly inbound: Inbound;
  /** Chunks that were read to look at the first event; shown to the reader already, unless they are compressed. */
  readonly peeked: readonly Uint8Array[];
  /** False once the body was read to its end (an error that passes through). */
  readonly hasMore: boolean;
  readonly reader: UsageReader;
  /** It was an error before it had any content, whatever its status. */
  readonly isRefusal: boolean;
  readonly rules: readonly string[];
  /** The model that the account was asked for. */
  readonly model: string | undefined;
  /** What the provider says of a call that it refused, or that failed in mid-stream; a bare status where it says nothing. */
  explain(): Explanation;
  /** Takes the account's credential out of the bytes for the client. */
  readonly filter: Sieve;
  /** Gives back the place among the calls that the account has under way. Works once. */
  leave(): void;
  /** When this account was turned to. */
  readonly startedAt: number;
  readonly headAt: number;
  /** When the first event, or the first bytes of a whole answer, had come. */
  readonly firstAt: number;
}

const toldAt = cache<number>("windows");
/** A busy account tells the same again with each answer. */
const tellAgainMs = 1_000;

/** How full the answering account is, as the answer tells; undefined if that was noted a moment ago. */
export function windowsOf({ account, upstream, inbound }: Served, now: number, env: Env): UsageEvent["windows"] {
  const told = toldAt(env);
  if (!upstream.windows || now - (told.get(account.id) ?? 0) < tellAgainMs) return undefined;
  const windows = upstream.windows(inbound.headers);
  if (windows.length === 0) return undefined;
  told.set(account.id, now);
  return windows;
}
