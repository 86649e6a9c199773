import { anthropicDialect } from "../dialects/anthropic/anthropic.ts";
import type { Call, Dialect, DialectName } from "../dialects/dialect.ts";
import { geminiDialect } from "../dialects/gemini/gemini.ts";
import { openaiChatDialect } from "../dialects/openai/chat.ts";
import { openaiResponsesDialect } from "../dialects/openai/responses.ts";
import type { Crossed } from "./crossing.ts";
import type { Language } from "./fit/limits.ts";

/** One dialect said in another, for calls whose account speaks the other. */
export interface Bridge {
  readonly from: DialectName;
  readonly to: Dialect;
  /**
   * The call as the other language says it; `asked`: the client's own name of the model. Throws `request.unsupported`, naming the
   * field, for what cannot be said; what was changed is named in the call's rules.
   */
  cross(call: Call, asked: string): Promise<Crossed>;
}

const dialects: Readonly<Record<Language, Dialect>> = {
  anthropic: anthropicDialect,
  "openai-responses": openaiResponsesDialect,
  "openai-chat": openaiChatDialect,
  gemini: geminiDialect,
};

/** The bridges from a client's language to each of the others. What says them is loaded by the first call that crosses. */
export function bridgesFrom(from: DialectName): Bridge[] {
  return (Object.keys(dialects) as Language[])
    .filter((language) => language !== from)
    .map((language) => ({
      from,
      to: dialects[language],
      cross: async (call, asked) => (await import("./crossing.ts")).crossTo(language, call, asked),
    }));
}
