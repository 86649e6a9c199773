import type { Loose } from "../../dialects/openai/usage.ts";
import { type FieldTable, listOf, unsupported, weigh } from "./fields.ts";
import type { Said, ToolCall } from "./openai-chat-asks.ts";
import { inputOf, readParts, type Reading } from "./openai-parts.ts";
import { nameIn } from "./openai-responses-tools.ts";
import { openThinking } from "./reasoning-seal.ts";

/** A conversation of items as one of messages, in its order; the instructions first. Throws `request.unsupported`, `request.malformed`. */
export function readInput(body: Loose, reading: Reading): Said[] {
  const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : listOf(body.input, "input");
  const instructions = say("system", { parts: readParts(body.instructions, "instructions", reading) });
  return [instructions, ...items.flatMap((item) => readItem(item, reading))];
}

function readItem(item: Loose, reading: Reading): Said[] {
  const type = String(item.type ?? (item.role === undefined ? "item_reference" : "message"));
  if (type === "item_reference") throw unsupported("input[].item_reference", "nothing is stored for this model");
  const kind = kinds[type];
  if (!kind) throw unsupported(`input[].${type}`);
  weigh(item, kind.table, "input[].", reading.rules);
  return kind.read(item, reading);
}

const say = (role: Said["role"], said: Partial<Said>): Said => ({
  ...{ role, parts: [], calls: [], answers: undefined, thinking: [], marker: undefined },
  ...said,
});

interface Kind {
  readonly table: FieldTable;
  read(item: Loose, reading: Reading): Said[];
}

/** What names an item where it is stored, and how far it had come. */
const bookkeeping = ["id", "status", "phase", "caller", "async"];
const kind = (carried: readonly string[], read: Kind["read"], harmless: readonly string[] = []): Kind => ({
  table: { carried: ["type", ...carried], harmless: [...bookkeeping, ...harmless] },
  read,
});

const roles: Readonly<Record<string, Said["role"]>> = {
  ...{ system: "system", developer: "system", user: "user", assistant: "assistant" },
};

function readMessage({ role, content }: Loose, reading: Reading): Said[] {
  const known = roles[String(role)];
  if (known) return [say(known, { parts: readParts(content, "input[].content", reading) })];
  throw unsupported("input[].role", `'${String(role)}' is none of system, developer, user, assistant`);
}

function called({ call_id: id, name, namespace }: Loose, input: Loose): Said[] {
  const call: ToolCall = { id, name: nameIn(namespace, name), input, signature: undefined, marker: undefined };
  return [say("assistant", { calls: [call] })];
}

const result = kind(
  ["call_id", "output"],
  ({ call_id, output }, reading) => [
    say("tool", { answers: call_id, parts: readParts(output, "input[].output", reading) }),
  ],
  ["name", "namespace"],
);

const kinds: Readonly<Record<string, Kind>> = {
  message: kind(["role", "content"], readMessage),
  function_call: kind(["call_id", "name", "namespace", "arguments"], (item) =>
    called(item, inputOf(item.arguments, "input[].arguments")),
  ),
  custom_tool_call: kind(["call_id", "name", "namespace", "input"], (item) => called(item, { input: item.input })),
  function_call_output: result,
  custom_tool_call_output: result,
  // Its words stand in what is encrypted, too.
  reasoning: kind(["summary", "content", "encrypted_content"], (item, { rules }) => {
    const thinking = openThinking(item.encrypted_content);
    if (!thinking) rules.add("left out: reasoning that another model encrypted");
    return thinking ? [say("assistant", { thinking: [thinking] })] : [];
  }),
  // They are among the request's tools (openai-responses-tools.ts).
  additional_tools: kind(["role", "tools"], () => []),
  web_search_call: kind(["action"], (_item, { rules }) => {
    rules.add("left out: web_search_call, which ran at OpenAI");
    return [];
  }),
};
