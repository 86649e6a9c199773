import { isLoose, parse, type Loose } from "../../dialects/openai/usage.ts";
import { Failure } from "../../../failure.ts";
import { EventCutter } from "../../../wire/sse.ts";
import type { Translation } from "./bridge.ts";

/** How one answer is said in the client's language: its events, or the whole of it, and an error's body. */
export interface Words {
  /** The client's events for one event of the upstream, as text on the wire; empty for nothing. */
  event(event: Loose): string;
  whole(answer: Loose): Loose;
  error(status: number, message: string, type: string): Loose;
  /** The upstream's stream ended. Says an ending only in a language whose own streams have none. */
  end?(): string;
  /** Why the answer was told as an error, though it ended well. */
  broke?(): string | undefined;
}

const nothing = Buffer.alloc(0);

/** Joins bytes split anywhere to events, or to a whole answer, and lets `words` say them. */
export function translate(words: Words, isStream: boolean): Translation {
  return {
    contentType: isStream ? "text/event-stream; charset=utf-8" : "application/json",
    ...(isStream ? translateStream(words) : translateWhole(words)),
    error(status, body) {
      const { message, type } = readError(status, body);
      return Buffer.from(JSON.stringify(words.error(status, message, type)));
    },
    broke: () => words.broke?.(),
  };
}

function translateStream(words: Words): Pick<Translation, "push" | "end"> {
  let said = "";
  const cutter = new EventCutter(["data:"], (data) => {
    const event = parse(data);
    if (event) said += words.event(event);
  });
  const take = () => {
    const bytes = said === "" ? nothing : Buffer.from(said);
    said = "";
    return bytes;
  };
  return {
    push(chunk) {
      cutter.see(chunk);
      return take();
    },
    end() {
      cutter.finish();
      said += words.end?.() ?? "";
      return take();
    },
  };
}

function translateWhole(words: Words): Pick<Translation, "push" | "end"> {
  const parts: Uint8Array[] = [];
  return {
    push(chunk) {
      parts.push(chunk);
      return nothing;
    },
    end() {
      const answer = parse(Buffer.concat(parts).toString("utf8"));
      if (!answer) throw new Failure("upstream.broken", { message: "The upstream's answer is not JSON." });
      return Buffer.from(JSON.stringify(words.whole(answer)));
    },
  };
}

/** The message and type in an error body: all have them at the same place, but Google puts some into a list. */
function readError(status: number, body: Buffer): { message: string; type: string } {
  const text = body.toString("utf8");
  const parsed = parse(text);
  const outer = Array.isArray(parsed) && isLoose(parsed[0]) ? parsed[0] : parsed;
  const error = outer && isLoose(outer.error) ? outer.error : outer;
  const message = typeof error?.message === "string" ? error.message : `The upstream answered ${status}.`;
  return { message, type: String(error?.code ?? error?.type ?? error?.status ?? "") };
}

/** An event whose kind stands in its data alone, as OpenAI Chat writes it. */
export const dataEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** An event that is named before its data, as Anthropic and OpenAI Responses write it. */
export const namedEvent = (data: Loose & { readonly type: string }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
