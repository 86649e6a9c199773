import { anthropic } from "./anthropic.ts";
import { claude } from "./claude.ts";
import type { Upstream } from "./upstream.ts";

/** Every place that an account can be at, by kind. */
export const upstreams: Readonly<Record<string, Upstream>> = { anthropic, claude };
