import type { Loose } from "../../dialects/openai/usage.ts";
import { compact, type FieldTable, listOf, looseOf, unsupported, weigh } from "./fields.ts";

/** A tool as the client knows it: its kind of call, its name, and the namespace in which it has that name. */
export interface Known {
  readonly isCustom: boolean;
  readonly name: unknown;
  readonly namespace?: unknown;
}

export interface Tools {
  readonly said: Loose[];
  /** By the name under which Claude knows it. */
  readonly known: ReadonlyMap<unknown, Known>;
}

const table: FieldTable = {
  carried: ["type", "name", "description", "parameters", "strict", "format"],
  harmless: ["defer_loading", "async", "allowed_callers", "output_schema"],
};

/** Offered by Codex whether its person wants them or not: the model answers without them. The others run at OpenAI only. */
const optional = /^(web_search(_preview.*)?|image_generation|tool_search)$/;

/** A tool of a namespace bears its name before its own: Claude has no namespaces. */
export const nameIn = (namespace: unknown, name: unknown): string =>
  typeof namespace === "string" && namespace !== "" ? `${namespace}__${String(name)}` : String(name);

/** The tools of a request, with those that its conversation adds to them. */
export function toolsOf(body: Loose): Loose[] {
  const items = Array.isArray(body.input) ? (body.input as Loose[]) : [];
  const added = items.filter(({ type }) => type === "additional_tools").flatMap(({ tools }) => listOf(tools, "tools"));
  return [...listOf(body.tools, "tools"), ...added];
}

/** A custom tool takes any text, which Claude says as the one field of an object. Source: platform.openai.com, function calling. */
export function readTools(tools: readonly Loose[], rules: Set<string>): Tools {
  const known = new Map<unknown, Known>();
  const said = new Map<string, Loose>();
  const take = (tool: Loose, { name: namespace, description: purpose }: Loose = {}) => {
    weigh(tool, table, "tools[].", rules);
    if (tool.strict === false) rules.add("left out: tools[].strict");
    const name = nameIn(namespace, tool.name);
    const isCustom = tool.type === "custom";
    known.set(name, { isCustom, name: tool.name, ...(namespace === undefined ? {} : { namespace }) });
    const description = [purpose, tool.description].filter(Boolean).join("\n\n") || undefined;
    said.set(name, isCustom ? sayCustom(name, description, tool.format) : sayFunction(name, description, tool));
  };
  for (const tool of tools) {
    if (tool.type === "function" || tool.type === "custom") take(tool);
    else if (tool.type === "namespace") listOf(tool.tools, "tools[].tools").forEach((inner) => take(inner, tool));
    else if (optional.test(String(tool.type)))
      rules.add(`left out: the tool ${String(tool.type)}, which runs at OpenAI`);
    else throw unsupported("tools[].type", `'${String(tool.type)}' tools run at OpenAI only`);
  }
  return { said: [...said.values()], known };
}

function sayFunction(name: string, description: string | undefined, { parameters, strict }: Loose): Loose {
  const input_schema = parameters ?? { type: "object", properties: {} };
  return compact({ name, description, input_schema, strict: strict === true ? true : undefined });
}

function sayCustom(name: string, description: string | undefined, format: unknown): Loose {
  const { type, syntax, definition } = looseOf(format);
  const grammar =
    type === "grammar" ? `Text that follows this grammar (${String(syntax)}):\n${String(definition)}` : "Text.";
  const properties = { input: { type: "string", description: grammar } };
  return compact({ name, description, input_schema: { type: "object", properties, required: ["input"] } });
}
