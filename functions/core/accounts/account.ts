/** What an account signs with. Kept sealed; never leaves the server. */
export type Credential =
  | { readonly kind: "api-key"; readonly secret: string; readonly shownAs?: "x-api-key" | "bearer" | "api-key" }
  | {
      readonly kind: "oauth";
      readonly accessToken: string;
      /** Absent for a setup-token, which cannot be renewed. */
      readonly refreshToken?: string;
      /** Epoch milliseconds; absent if the provider named no end. */
      readonly expiresAt?: number;
      readonly scopes?: string;
      /** What a provider needs beside the token, such as an account id header. */
      readonly extra?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "aws";
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
      readonly bearerToken?: string;
    };

/** The secrets that go up with a call: what a provider might say back. */
export function sentSecrets(credential: Credential): string[] {
  if (credential.kind === "api-key") return [credential.secret];
  if (credential.kind === "oauth") return [credential.accessToken];
  const { accessKeyId, sessionToken, bearerToken } = credential;
  return [accessKeyId, sessionToken ?? "", bearerToken ?? ""].filter((secret) => secret !== "");
}

/** One identity at an upstream that the relay may spend. Each property is a column of its own in the store. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** The upstream's kind: `anthropic`, `claude` … */
  readonly kind: string;
  readonly isEnabled: boolean;
  /** Lower is tried first; accounts of one priority share the work by weight. */
  readonly priority: number;
  readonly weight: number;
  /** Calls in flight at once; 0 is no limit. */
  readonly maxConcurrency: number;
  /** Undefined: the upstream's own address. */
  readonly baseUrl: string | undefined;
  /** The only models it serves; empty: whatever the upstream's kind serves. */
  readonly models: readonly string[];
  /** Asked-for model → model of this account. A key that ends in `*` is a prefix. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  /** Dedicated accounts only serve keys that are bound to them. */
  readonly isDedicated: boolean;
  /** Sealed, see seal.ts. */
  readonly proxy: string | undefined;
  readonly credential: string | undefined;
  /** Where an operator reads who this is: the e-mail or organisation that a sign-in told. */
  readonly subject: string | undefined;
  readonly createdAt: number;
  /** Epoch milliseconds at which the credential ends; undefined if it does not. */
  readonly credentialExpiresAt: number | undefined;
  /** Why the account stopped serving until somebody mends it; undefined while it serves. */
  readonly stoppedBecause: string | undefined;
  /** Hours between which it serves, local to the relay's time zone; undefined: always. */
  readonly schedule: Schedule | undefined;
  /** Endpoints and the like that differ from the kind's own, such as a sign-in server that moved. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Schedule {
  readonly fromHour: number;
  readonly toHour: number;
}

export interface Cooldown {
  readonly account: string;
  /** `account` or `family:<name>`. */
  readonly scope: string;
  readonly untilAt: number;
  readonly sinceAt: number;
  readonly reason: string;
}

/** Accounts that serve as one target of a key's binding. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export const accountDefaults: Omit<Account, "id" | "name" | "kind" | "createdAt"> = {
  isEnabled: true,
  priority: 50,
  weight: 1,
  maxConcurrency: 0,
  baseUrl: undefined,
  models: [],
  aliases: {},
  groups: [],
  isDedicated: false,
  proxy: undefined,
  credential: undefined,
  subject: undefined,
  credentialExpiresAt: undefined,
  stoppedBecause: undefined,
  schedule: undefined,
  settings: {},
};
