import type { Call, DialectName } from "../dialects/dialect.ts";
import type { Crossed } from "./crossing.ts";
import type { Language } from "./fit/limits.ts";

/** One dialect said in another, for calls whose account speaks the other. */
export interface Bridge {
  readonly from: DialectName;
  readonly to: DialectName;
  /**
   * The call as the other language says it; `asked`: the client's own name of the model. Throws `request.unsupported`, naming the
   * field, for what cannot be said; what was changed is named in the call's rules.
   */
  cross(call: Call, asked: string): Promise<Crossed>;
}

const languages: readonly Language[] = ["anthropic", "openai-responses", "openai-chat", "gemini"];

/** The bridges from a client's language to each of the others. What says them is loaded by the first call that crosses. */
export function bridgesFrom(from: DialectName): Bridge[] {
  return languages
    .filter((language) => language !== from)
    .map((to) => ({
      from,
      to,
      cross: async (call, asked) => (await import("./crossing.ts")).crossTo(to, call, asked),
    }));
}
