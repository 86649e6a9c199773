/** The parts of a Messages request that the fake model looks at; everything else passes unseen. */
export interface MessagesBody {
  model?: unknown;
  max_tokens?: unknown;
  messages?: unknown;
  stream?: unknown;
  tools?: { name?: string }[];
  thinking?: { type?: string; display?: string };
  output_config?: { format?: { type?: string; schema?: Schema } };
}

export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
}

interface Part {
  type?: string;
  text?: string;
  content?: unknown;
}

/** Where a conversation stands: what the person last said, and what the tools have answered since. */
export interface Conversation {
  /** All text of the person's last message, reminders included: where markers are read. */
  prompt: string;
  /** What the person typed, without reminders and markers: what the answer echoes. */
  saying: string;
  /** True while the person's message is the last one, false when tool results came after it. */
  isPromptLast: boolean;
  /** Messages with tool results since the prompt. */
  toolTurns: number;
  /** The text of the newest tool results, in order. */
  results: string[];
  /** Messages of the model so far. */
  modelTurns: number;
}

/**
 * Reads a conversation from its end. Roles other than user and assistant (Claude Code sends `system`) are stepped
 * over.
 */
export function readConversation(messages: unknown): Conversation {
  const list = Array.isArray(messages) ? (messages as { role?: string; content?: unknown }[]) : [];
  const modelTurns = list.filter((message) => message?.role === "assistant").length;
  const conversation: Conversation = {
    ...{ prompt: "", saying: "", isPromptLast: true, toolTurns: 0, results: [], modelTurns },
  };
  for (const message of list.toReversed()) {
    if (message?.role !== "user") continue;
    const parts = partsOf(message.content);
    const results = parts.filter((part) => part.type === "tool_result");
    if (results.length === 0) return { ...conversation, ...spoken(parts) };
    if (conversation.toolTurns === 0) conversation.results = results.map((part) => textOf(part.content));
    conversation.toolTurns++;
    conversation.isPromptLast = false;
  }
  return conversation;
}

/**
 * The tools that a prompt asks to be called, one a turn: `[[sim:tool=NAME {json}]]`. Input that is no JSON counts
 * as `{}`.
 */
export function toolMarkers(prompt: string): { name: string; input: unknown }[] {
  const opening = /\[\[sim:tool=([\w.-]+)\s*/g;
  return [...prompt.matchAll(opening)].map((match) => ({
    name: match[1] ?? "",
    input: readJsonUpTo(prompt, match.index + match[0].length),
  }));
}

/** The text a prompt asks to hear: `[[sim:say=…]]`. */
export function sayMarker(prompt: string): string | undefined {
  return /\[\[sim:say=([\s\S]*?)\]\]/.exec(prompt)?.[1];
}

/** JSON may itself hold `]]`, so the marker ends at the first one that leaves valid JSON before it. */
function readJsonUpTo(text: string, from: number): unknown {
  for (let end = text.indexOf("]]", from); end >= 0; end = text.indexOf("]]", end + 1)) {
    try {
      return JSON.parse(text.slice(from, end) || "{}");
    } catch {
      continue;
    }
  }
  return {};
}

function spoken(parts: Part[]): { prompt: string; saying: string } {
  const texts = parts.filter((part) => part.type === "text").map((part) => part.text ?? "");
  const typed = texts.findLast((text) => !text.trimStart().startsWith("<system-reminder>")) ?? "";
  return { prompt: texts.join("\n"), saying: typed.replace(/\[\[sim:[\s\S]*?\]\]/g, "").trim() };
}

function partsOf(content: unknown): Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? (content as Part[]) : [];
}

function textOf(content: unknown): string {
  return partsOf(content)
    .map((part) => part.text ?? `(${part.type ?? "nothing"})`)
    .join("\n");
}
