import type { Call, ClientName, DialectName, Service } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { Headers } from "../../wire/exchange.ts";
import type { ProviderError } from "./provider-error.ts";

/** What an upstream's answer means, judged in one place by scope. */
export type Verdict =
  /** Nothing wrong, or the client's own fault: the answer passes through. */
  | { readonly kind: "pass" }
  /** Try elsewhere; this account (or one family of its models) rests until then. */
  | { readonly kind: "cool"; readonly scope: CooldownScope; readonly untilAt: number }
  /** Try elsewhere, but it says nothing about the account: the provider is overloaded, or the line broke. */
  | { readonly kind: "elsewhere" }
  /** The credential seems to be refused. `mayRefresh`: try a fresh token first. Only a probe of the relay's own stops the account. */
  | { readonly kind: "rejected"; readonly mayRefresh: boolean };

/** `account`, or `family:<name>` for one model family of it. */
export type CooldownScope = "account" | `family:${string}`;

export interface Signal {
  readonly status: number;
  readonly headers: Headers;
  readonly error: ProviderError;
  readonly model: string | undefined;
  readonly nowAt: number;
}

/** How full the provider says its own windows are. */
export interface Window {
  /** `5h`, `7d`, `primary` … */
  readonly name: string;
  /** 0 to 1. */
  readonly utilization: number;
  readonly resetAt: number | undefined;
}

/** A place that speaks a dialect: mostly data. */
export interface Upstream {
  readonly kind: string;
  readonly service: Service;
  readonly dialect: DialectName;
  /** The place in the one of its languages that a call is to be said in, where an account of it may have several. */
  inLanguage?(account: Account, call: Pick<Call, "model" | "dialect">): Upstream;
  readonly credential: Credential["kind"];
  /** Where a sign-in account may only be used by the provider's own tool, that tool (docs/decisions.md, honest relay). */
  readonly onlyClient?: ClientName;
  readonly defaultBaseUrl: string;
  /** Settings of an account that this place reads, with what each is for, such as a region; sign-in addresses come on top. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Models that are at home here: a call in another dialect may cross a bridge to them without an alias that names them. */
  readonly homeModels: RegExp;
  /** The call that lists an account's models and spends nothing, where it is another than Anthropic's and OpenAI's. */
  readonly listing?: Pick<Call, "method" | "target"> & {
    readonly body?: string;
    /** A listed model's name as calls name it, where that is another. */
    named?(listed: string): string;
  };
  /** What an operator gives as the credential that is kept. Throws `request.malformed`, naming the field. Absent: as given. */
  accept?(credential: Credential): Credential;
  /** The full URL of a call at an account. */
  address(account: Account, call: Call): string;
  /** Headers that authenticate; added last, over whatever the client sent. May change `headers` of the allow-list too. */
  sign(headers: Headers, credential: Credential, call: Call, account: Account): Headers | Promise<Headers>;
  /** What the place wants to have written otherwise; each change is a rule of the call. Absent: the bytes go as they are. */
  prepare?(call: Call, account: Account, credential: Credential): Call;
  /** Unpacks an answer that comes in a frame of the place's own (Bedrock's event stream) into the dialect's bytes. */
  receive?(inbound: Inbound, call: Call): Inbound | Promise<Inbound>;
  /** A fresh credential from a stale one; only its own fields are written back. Throws `credential.rejected` when it is spent. */
  refresh?(credential: Credential, account: Account, proxy: string | undefined, env: Env): Promise<Credential>;
  /** What a fresh sign-in still lacks before it can serve, such as a project that the provider keeps for it. */
  complete?(credential: Credential, account: SignedInAccount, env: Env): Promise<Credential>;
  judge(signal: Signal): Verdict;
  windows?(headers: Headers): readonly Window[];
}

/** What is known of an account while it is being signed in: perhaps nothing but a proxy. */
export interface SignedInAccount {
  readonly settings: Readonly<Record<string, string>>;
  readonly baseUrl: string | undefined;
  readonly proxy: string | undefined;
}

/** The places that an endpoint may send calls to, by account kind. */
export type Upstreams = Readonly<Record<string, Upstream>>;
