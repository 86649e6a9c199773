import { operations } from "./offered.ts";

const known = new Set(operations);

/** Whether the admin API has all these operations: what it does not offer, the console does not show. */
export function offers(...ids: readonly string[]): boolean {
  return ids.every((id) => known.has(id));
}
