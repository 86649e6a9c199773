import type { Upstreams } from "../upstreams/upstream.ts";
import type { Bridge } from "./bridge.ts";

/** Where an endpoint may send calls to, and the bridges it may cross on the way. */
export interface Places {
  readonly upstreams: Upstreams;
  readonly bridges: readonly Bridge[];
}
