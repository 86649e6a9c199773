import type { Conversation, Tool, ToolChoice, ToolOrigin, Turn } from "../conversation.ts";
import { type Reading, unsupported } from "../fields.ts";
import type { Limits } from "./limits.ts";
import { fitName } from "./names.ts";
import { fitToolSchema, mayBeStrict } from "./schema.ts";

export interface FittedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** By the name under which the upstream knows it, where the client knows it otherwise. */
  readonly origins: ReadonlyMap<string, ToolOrigin>;
}

/** The name under which a provider knows a tool, the same in every place where it stands. */
export function nameFor(name: string, limits: Limits): string {
  const said = fitName(name, limits.illegalInNames, limits.mostNameLength);
  // Google: a letter or an underscore first.
  return limits.maker === "gemini" && !/^[a-zA-Z_]/.test(said)
    ? fitName(`_${said}`, limits.illegalInNames, limits.mostNameLength)
    : said;
}

export function fitTools(given: Conversation, limits: Limits, reading: Reading): FittedTools {
  const choice = given.toolChoice;
  const allowed = choice?.mode === "tool" ? undefined : choice?.allowed;
  if (allowed) reading.note("tool_choice.allowed_tools: the other tools left out");
  const wanted = given.tools.filter(({ name }) => allowed === undefined || allowed.includes(name));
  const tools = new Map<string, Tool>();
  const origins = new Map<string, ToolOrigin>();
  for (const tool of wanted) {
    const name = nameFor(tool.name, limits);
    if (name !== tool.name) reading.note(`tools[].name ${tool.name} → ${name}`);
    if (tools.has(name)) reading.note(`tools[].name ${name}: the last of two tools of that name`);
    tools.set(name, fitTool({ ...tool, name }, limits, reading));
    if (tool.origin) origins.set(name, tool.origin);
    else if (name !== tool.name) origins.set(name, { isCustom: false, name: tool.name });
  }
  // Calls in the past may be of tools that the client no longer offers; the answer may name none of them.
  return { tools: [...tools.values()], toolChoice: fitChoice(choice, tools, limits, reading), origins };
}

function fitTool(tool: Tool, limits: Limits, reading: Reading): Tool {
  const schema = fitToolSchema(tool.schema, limits.schema, `tools[] ${tool.name}`, reading);
  const isStrict = tool.isStrict === true && limits.schema !== "gemini" && mayBeStrict(schema, limits.schema);
  if (tool.isStrict === true && !isStrict)
    reading.leaveOut("tools[].strict", "which the model cannot keep to with this schema");
  if (tool.isStrict === false && limits.maker !== "openai") reading.leaveOut("tools[].strict");
  return { ...tool, schema, isStrict };
}

function fitChoice(
  choice: ToolChoice | undefined,
  tools: ReadonlyMap<string, Tool>,
  limits: Limits,
  reading: Reading,
): ToolChoice | undefined {
  if (choice === undefined || tools.size === 0) {
    if (choice && choice.mode !== "auto") reading.leaveOut("tool_choice", "since there are no tools");
    return undefined;
  }
  if (choice.mode !== "tool") return { mode: choice.mode };
  const name = nameFor(choice.name, limits);
  if (tools.has(name)) return { mode: "tool", name };
  throw unsupported("tool_choice", `no tool is named '${choice.name}'`);
}

/** Ids and names of calls as the provider takes them, alike on a call and on its result. */
export function fitCalls(turns: readonly Turn[], limits: Limits, reading: Reading): Turn[] {
  const idFor = (id: string): string => {
    const said = fitName(id, limits.illegalInIds, limits.mostIdLength);
    if (said !== id) reading.note("ids of tool calls changed to what the provider takes");
    return said;
  };
  return turns.map((turn) => ({
    ...turn,
    parts: turn.parts.map((part) => {
      if (part.kind === "result") return { ...part, id: idFor(part.id) };
      return part.kind === "call" ? { ...part, id: idFor(part.id), name: nameFor(part.name, limits) } : part;
    }),
  }));
}
