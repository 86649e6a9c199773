import { seal, unseal } from "../../core/accounts/seal.ts";
import type { Taker, Taking } from "./importer.ts";
import type { Line } from "./record.ts";

/** The operator's password and second factor: plain values of the store. */
export function valueImport({ env, isWriting, count }: Taking): Taker {
  return {
    finish: () => Promise.resolve(),
    async take(line: Line) {
      if (line.kind !== "admin" || "table" in line) return;
      const { name, value, isSealed } = line;
      const [held] = await env.store.read([name]);
      const isSame = held !== undefined && (isSealed ? opensTo(value, held, name) : held === value);
      count("admin", isSame ? "same" : held === undefined ? "new" : "different");
      if (isWriting && !isSame) await env.store.write(name, isSealed ? seal(value, name, env.config) : value);
    },
  };

  function opensTo(plain: string, sealed: string, place: string): boolean {
    try {
      return unseal(sealed, place, env.config) === plain;
    } catch (error) {
      // What does not open here is no use here either.
      void error;
      return false;
    }
  }
}
