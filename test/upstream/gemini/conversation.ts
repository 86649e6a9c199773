import type { MessagesBody, Schema } from "../anthropic/conversation.ts";

interface Part {
  text?: string;
  functionCall?: unknown;
  functionResponse?: { response?: unknown };
}

/** The parts of a request that the fake model looks at. */
export interface GeminiBody {
  contents?: { role?: string; parts?: Part[] }[] | Part[] | string;
  tools?: { functionDeclarations?: { name?: string }[] }[];
  generationConfig?: { responseSchema?: Schema; responseJsonSchema?: Schema; thinkingConfig?: unknown };
}

/** The request as the fake model reads one, whichever language it came in. */
export function asMessages(body: GeminiBody): MessagesBody {
  const contents = Array.isArray(body.contents) ? body.contents : [];
  const messages = contents.map((content) => {
    const parts = "parts" in content ? (content.parts ?? []) : [content as Part];
    const role = "role" in content && content.role === "model" ? "assistant" : "user";
    return { role, content: parts.flatMap(asBlock) };
  });
  const schema = body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema;
  const tools = (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
  return {
    messages,
    tools,
    ...(schema ? { output_config: { format: { type: "json_schema", schema: lowered(schema) } } } : {}),
  };
}

function asBlock(part: Part): Record<string, unknown>[] {
  if (part.functionResponse) {
    const text = JSON.stringify(part.functionResponse.response ?? {});
    return [{ type: "tool_result", content: [{ type: "text", text }] }];
  }
  return part.text === undefined ? [] : [{ type: "text", text: part.text }];
}

/** Google writes the types of a schema in capitals. */
function lowered(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replace(/"type":"([A-Z]+)"/g, (found) => found.toLowerCase())) as Schema;
}
