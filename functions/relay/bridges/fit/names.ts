import { createHash } from "node:crypto";

const hashLength = 8;

/**
 * A name or id in the letters and the length that a provider takes. What must be changed gets a hash of what it was, so that two
 * names never become one, and the same name becomes the same in each request: on a call, on its result, among the tools.
 */
export function fitName(name: string, illegal: RegExp, most: number): string {
  // Names of megabytes are cut before they are looked at.
  const legal = name.slice(0, most + 1).replace(illegal, "_");
  if (name !== "" && legal === name && name.length <= most) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, Math.min(hashLength, most));
  const kept = legal.slice(0, Math.max(0, Math.min(most, 64) - hash.length - 1));
  return kept === "" ? hash : `${kept}_${hash}`;
}
