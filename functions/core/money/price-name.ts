/** Names under which a model may stand in a price table, the most telling first, and the ways in which a name may be dated. */

const dated = /-(?:20\d{6}|20\d{2}-\d{2}-\d{2})$/;
const channel = /-(?:latest|default|thinking|exp|preview)(?:-\d{2}-(?:\d{2}|\d{4}))?$|-(?:00\d|\d{4})$/;
const revision = /-v\d+(?::\d+)?$|:\d+$/;

/** Amazon Bedrock: `[region.]maker.model`, the region being `global` or a group of regions that cost a little more. */
const bedrock =
  /^(?:(global|us|eu|jp|au|in|ca|sa|apac|us-gov)\.)?((?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer|zai)\..+)$/;

/** Gateways that spell `maker/model` and charge, or pass on, what the maker charges. */
const passed = /^(?:anthropic|openai|google|gemini|vertex_ai|azure|bedrock|deepseek|moonshot|zai)\//;

/** Longer names are no model's, and are not looked at. */
const longestName = 256;

/** Spellings of a model's name in lower case, from as asked to plain. Empty for what cannot be a model's name. */
export function listSpellings(model: string): string[] {
  if (model.length === 0 || model.length > longestName) return [];
  const asked = plainName(model);
  const spellings = [asked];
  const inner = asked.replace(passed, "").replace(/:(?:beta|thinking)$/, "");
  const place = bedrock.exec(inner);
  if (place?.[2] !== undefined) spellings.push(...bedrockSpellings(place[1], place[2]));
  else if (inner !== asked) spellings.push(inner);
  return spellings;
}

/**
 * In lower case and without what only says where it is called: a path or ARN before it, `@` before its date, the mark of
 * a window's size behind it. Claude's versions are written with a dash, as Anthropic does, where gateways write a dot.
 */
export function plainName(model: string): string {
  const name = model
    .trim()
    .toLowerCase()
    .replace(/^.*\bmodels\//, "")
    .replace(/\[1m\]$/, "");
  const bare = name.startsWith("arn:") ? name.slice(name.lastIndexOf("/") + 1) : name;
  const tuned = /^ft:[^:]+/.exec(bare)?.[0] ?? bare;
  const dashed = tuned.includes("claude-") ? tuned.replace(/(\d)\.(?=\d)/g, "$1-") : tuned;
  return dashed.replace(/@(?:default|latest)$/, "").replace("@", "-");
}

function bedrockSpellings(region: string | undefined, name: string): string[] {
  const plain = name.replace(revision, "");
  return [`${region === "global" ? "global" : "regional"}.${plain}`, plain];
}

/**
 * Looks a name up as it is, then without its date, then without the channel or snapshot behind it: that last only for
 * a name whose price is meant for those too. Nothing else is ever taken off: `-mini` or `-5` is another model.
 */
export function findNamed<T>(
  name: string,
  find: (name: string) => { readonly value: T; readonly isOpen: boolean } | undefined,
): T | undefined {
  let rest = name;
  const found = find(rest) ?? find(rest.replace(dated, ""));
  if (found !== undefined) return found.value;
  for (let cut = 0; cut < 3; cut++) {
    const shorter = rest.replace(dated, "").replace(channel, "");
    if (shorter === rest) return undefined;
    rest = shorter;
    const open = find(rest);
    if (open?.isOpen === true) return open.value;
  }
  return undefined;
}

/** Says where a model is called, or which edition it is, not what it is. */
const idleWord = /^(?:global|regional|us|eu|jp|au|in|ca|sa|apac|gov|anthropic|openai|google|v|latest|preview|exp)?$/;

/** What a name says beside its version: `gpt sol` of `gpt-6.2-sol`, `claude opus` of `us.anthropic.claude-opus-5-5-v1:0`. */
export function kinOf(name: string): string[] {
  const words = name.slice(name.lastIndexOf("/") + 1).split(/[-_:.\s]+/);
  return words.map((word) => word.replace(/\d+/g, "")).filter((word) => !idleWord.test(word));
}
