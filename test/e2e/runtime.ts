import type { Upstream } from "../upstream/upstream.ts";

/** A machine that the whole relay runs on, as its users have it: one address, a console, a store, schedules. */
export interface Runtime {
  /** Where clients and browsers call. */
  readonly url: string;
  /** Under which QStash knows it. */
  readonly publicUrl: string;
  readonly admin: { readonly username: string; readonly password: string };
  readonly signingKey: string;
  /** Whether a client's hang-up reaches the relay at all. */
  readonly seesHangUp: boolean;
  /** What it logged, for whoever wonders at a failure. */
  log(): string;
  stop(): Promise<void>;
}

/** What both runtimes are given. */
export interface Surroundings {
  readonly upstash: { readonly url: string; readonly token: string };
  readonly upstream: Upstream;
}

/** Settings that make the tests quick: otherwise both run as they are delivered. */
export const settings = {
  ALLOW_PRIVATE_UPSTREAMS: "true",
  TIMEZONE_OFFSET: "0",
  KEEPALIVE_SECONDS: "1",
  REQUEST_MAX_SIZE_MB: "5",
  CORS_ORIGINS: "https://app.example.com",
};
