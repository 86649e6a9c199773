import fc from "fast-check";

/** Values that a field was not made for. `deep` and `wide` are grown when they are put in, so that a failing case stays readable. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    0.5,
    1e308,
    -0,
    2 ** 53,
    "",
    " ",
    "\u0000",
    "\ud800",
    "\u2028",
    "__proto__",
  ),
  fc.constantFrom<unknown>([], {}, [[]], [null], [{}], { type: null }, { constructor: 1 }, "data: x\n\n", "[DONE]"),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    "text",
    "tool_use",
    "tool_result",
    "image",
    "thinking",
    "function_call",
    "error",
    "message_stop",
  ),
);

const at = fc.nat(10_000);
const name = fc.constantFrom(
  "x",
  "type",
  "model",
  "stream",
  "content",
  "messages",
  "__proto__",
  "toString",
  "usage",
  "id",
  "",
);

/** One change of a JSON document. */
export const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ how: fc.constant("replace" as const), at, value: odd }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constantFrom("remove", "repeat", "move"), at }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant("add" as const), at, name, value: odd }) },
  {
    weight: 1,
    arbitrary: fc.record({
      how: fc.constantFrom("deep", "wide", "long"),
      at,
      size: fc.constantFrom(3, 100, 1_500, 40_000),
    }),
  },
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The document with the changes made; the original stays. */
export function mutate(document: unknown, steps: readonly Step[]): unknown {
  const root = { document: structuredClone(document) };
  for (const each of steps) {
    change(root, each);
    // What stands in two places becomes two, so that a change of one is no change of thousands.
    root.document = JSON.parse(JSON.stringify(root.document) ?? "null");
  }
  return root.document;
}

type Holder = Record<string, unknown>;

function change(root: Holder, made: Step): void {
  const places = listPlaces(root);
  const place = places[made.at % places.length];
  if (!place) return;
  const [holder, key] = place;
  const value = holder[key];
  if (made.how === "replace") holder[key] = made.value;
  else if (made.how === "remove") delete holder[key];
  else if (made.how === "repeat") holder[key] = [value, value];
  else if (made.how === "move") holder[key] = structuredClone(from(places[(made.at * 7) % places.length]));
  else if (made.how === "add") add(isHolder(value) ? value : holder, made.name, made.value);
  else if (made.how === "deep")
    for (let depth = 0; depth < Math.min(made.size, 1_500); depth += 1) holder[key] = [holder[key]];
  else if (made.how === "wide") holder[key] = Array.from({ length: Math.min(made.size, roomFor(value)) }, () => value);
  else if (made.how === "long") holder[key] = "long ".repeat(made.size);
}

const from = (place: [Holder, string] | undefined) => place?.[0][place[1]];
const mostBytes = 2_000_000;
const roomFor = (value: unknown) => Math.floor(mostBytes / (1 + (JSON.stringify(value) ?? "").length));
/** `__proto__` too becomes a field of the document. */
const add = (holder: Holder, key: string, value: unknown) =>
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

const isHolder = (value: unknown): value is Holder => typeof value === "object" && value !== null;

/** Where something stands, from the top down; not what stands a thousand levels or places away. */
function listPlaces(root: Holder): [Holder, string][] {
  const places: [Holder, string][] = [];
  const waiting: Holder[] = [root];
  for (let holder = waiting.shift(); holder && places.length < 1_000; holder = waiting.shift()) {
    for (const key of Object.keys(holder).slice(0, 50)) {
      places.push([holder, key]);
      const value = holder[key];
      if (isHolder(value)) waiting.push(value);
    }
  }
  return places;
}

/** How a document is written down. */
export const writing = fc.record({
  /** Every so many characters one is written as an escape. */
  escapeEvery: fc.constantFrom(0, 0, 0, 1, 7),
  isTwice: fc.boolean(),
  space: fc.constantFrom("", "", " ", "\n", "\t\r\n "),
  before: fc.constantFrom("", "", "", "\ufeff", "  ", "x", "[", "\u0000"),
  after: fc.constantFrom("", "", "", "\n", "}", ",", "\u0000", "{}"),
  /** The part that is left. */
  kept: fc.constantFrom(1, 1, 1, 1, 0.99, 0.5, 0),
});
type Writing = typeof writing extends fc.Arbitrary<infer T> ? T : never;

export function write(document: unknown, { escapeEvery, isTwice, space, before, after, kept }: Writing): Buffer {
  // Undefined has no JSON. What is large and deep would be longer than a string may be, if each level were indented.
  const plain = (JSON.stringify(document) as string | undefined) ?? "";
  let text = plain.length < 20_000 && plain !== "" ? JSON.stringify(document, undefined, space) : plain;
  if (escapeEvery > 0 && text.length < 200_000) text = escape(text, escapeEvery);
  // Each field twice: the last one counts, RFC 8259 § 4.
  if (isTwice && text.startsWith("{") && text.length > 2) text = `{${text.slice(1, -1)},${text.slice(1)}`;
  return Buffer.from((before + text + after).slice(0, Math.ceil((before.length + text.length + after.length) * kept)));
}

/** Letters only: they are the same in and outside of strings' escapes but for those that follow a backslash. */
function escape(text: string, every: number): string {
  let [count, isInside] = [0, false];
  return text.replace(/\\.|"|[A-Za-z]/g, (found) => {
    if (found === '"') isInside = !isInside;
    if (found.length > 1 || found === '"' || !isInside) return found;
    count += 1;
    return count % every === 0 ? `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}` : found;
  });
}
