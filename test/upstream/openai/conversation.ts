import type { MessagesBody } from "../anthropic/conversation.ts";

/** The parts of an OpenAI request that the fake model looks at. */
export interface OpenaiBody {
  model?: unknown;
  stream?: unknown;
  /** Responses. */
  input?: unknown;
  reasoning?: { effort?: string };
  /** Chat Completions. */
  messages?: unknown;
  stream_options?: { include_usage?: boolean };
  tools?: Tool[];
  background?: unknown;
}

export interface Tool {
  type?: string;
  name?: string;
  function?: { name?: string };
  /** Of a namespace. */
  tools?: Tool[];
}

interface Item {
  type?: string;
  role?: string;
  content?: unknown;
  output?: unknown;
  tool_calls?: unknown;
}

interface Message {
  role: string;
  content: { type: string; text?: string; content?: unknown }[];
}

/** The same conversation as the fake model knows it, in Anthropic's words. */
export function toMessages(body: OpenaiBody): MessagesBody {
  const tools = (body.tools ?? []).flatMap((tool) => [tool, ...(tool.tools ?? [])]);
  return {
    model: body.model,
    messages: merge(itemsOf(body).map(toMessage)),
    tools: tools.map((tool) => ({ name: tool.name ?? tool.function?.name ?? "" })),
  };
}

/** Whether a tool takes free text and not JSON. */
export function isCustom(body: OpenaiBody, name: string): boolean {
  return (body.tools ?? []).some((tool) => tool.type === "custom" && tool.name === name);
}

function itemsOf({ input, messages }: OpenaiBody): Item[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const list = input ?? messages;
  return Array.isArray(list) ? (list as Item[]) : [];
}

function toMessage(item: Item): Message {
  const isResult = item.role === "tool" || /_output$/.test(item.type ?? "");
  if (isResult) {
    return { role: "user", content: [{ type: "tool_result", content: textsOf(item.output ?? item.content) }] };
  }
  // Calls and thoughts are the model's; the roles that instruct it (system, developer) are nobody's turn.
  const role = item.role ?? "assistant";
  return { role: role === "developer" ? "system" : role, content: textsOf(item.content) };
}

function textsOf(content: unknown): { type: string; text: string }[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  const parts = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  return parts
    .filter((part) => typeof part.text === "string")
    .map((part) => ({ type: "text", text: String(part.text) }));
}

/** Items of one turn are one message: several tool results in a row, a thought and the calls after it. */
function merge(messages: Message[]): Message[] {
  const merged: Message[] = [];
  const isResult = (message: Message): boolean => message.content.some((part) => part.type === "tool_result");
  for (const message of messages) {
    const last = merged.at(-1);
    const isSame = last?.role === message.role && isResult(last) === isResult(message);
    if (last && isSame && (message.role === "assistant" || isResult(message))) last.content.push(...message.content);
    else merged.push({ ...message, content: [...message.content] });
  }
  return merged;
}
