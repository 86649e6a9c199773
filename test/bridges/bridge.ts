import { bridgesFrom } from "../../functions/relay/bridges/bridge.ts";
import { crossTo } from "../../functions/relay/bridges/crossing.ts";
import type { Language } from "../../functions/relay/bridges/fit/limits.ts";
import type { Call, DialectName } from "../../functions/relay/dialects/dialect.ts";

/** One direction, as the tests look at it: the call as it is said, and a translator of its answer. */
export function direction(from: DialectName, to: Language) {
  const bridge = bridgesFrom(from).find((one) => one.to === to);
  if (!bridge) throw new Error(`no bridge from ${from} to ${to}`);
  const cross = (call: Call) => crossTo(to, call, call.model ?? "");
  return { to: bridge.to, request: (call: Call) => cross(call).call, response: (call: Call) => cross(call).answer() };
}
