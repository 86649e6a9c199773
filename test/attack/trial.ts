import type { Environment } from "../../functions/config.ts";
import type { Office } from "../e2e/office.ts";
import type { RelayProcess } from "../chaos/relay.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * Where a trial runs: one built server on the embedded store, two on one Redis, or the built `relay/messages` function under
 * AWS's runtime client, with a built server on the same store for the admin API.
 */
export type Target = "embedded" | "redis" | "lambda";

/** One thing that somebody outside tries. It has held if `run` resolves; it rejects with what went wrong. */
export interface Trial {
  /** A sentence that states what must hold, such as "a bomb of 165 bytes is refused by its ratio". */
  readonly name: string;
  /** Embedded and Redis unless said. `--quick` runs the first one only. */
  readonly targets?: readonly Target[];
  /** Longer than some seconds: left out of `--quick`. */
  readonly isSlow?: true;
  /** Settings of the server for this trial. `NODE_OPTIONS` works too, such as `--max-old-space-size=256`. */
  readonly settings?: Environment;
  run(context: Context): Promise<void>;
}

/** A relay of a trial's own: fresh store, fresh processes, a simulated provider. Everything is stopped after it. */
export interface Context {
  readonly target: Target;
  /** The relay's address for clients; of `lambda` the function's. */
  readonly url: string;
  /** The addresses of all processes: one, or two on Redis. */
  readonly urls: readonly string[];
  readonly relays: readonly RelayProcess[];
  readonly upstream: Upstream;
  /** The admin API, signed in: `office.key({...})`, `office.account({...})`, `office.admin(method, path, body)`. */
  readonly office: Office;
  readonly admin: { readonly username: string; readonly password: string };
  /** An account at the simulated provider; gives its id. `directives` as in test/upstream/README.md, such as `pace=5+deltas=40`. */
  account(kind: string, directives?: string, more?: object): Promise<string>;
  /** A second server process on the same store (Redis and Lambda targets), or the first one again after it was ended. */
  restart(): Promise<RelayProcess>;
  /** What all processes have logged so far. */
  log(): string;
}
