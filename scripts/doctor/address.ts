import { isIP } from "node:net";
import { isReachable } from "../../functions/wire/reach.ts";

/** Whether a name or an address is one of this machine or of a network of one's own: a name without a dot is Docker's. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0) return !isReachable(bare, false);
  return !bare.includes(".") || /\.(local|localhost|internal|lan|home\.arpa)$/i.test(bare);
}
