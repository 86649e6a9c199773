/** What an answer holds, for a guess at its tokens where it does not tell them. */
export interface Weight {
  /** Bytes of text: words, thoughts, arguments of tools. */
  readonly texts: number;
  /** Drawn images. */
  readonly images: number;
}

/** Fields whose text the model wrote, in any of the languages. */
const written = new Set([
  ...["text", "content", "thinking", "refusal", "arguments", "reasoning", "reasoning_content", "code", "transcript"],
  ...["encrypted_content", "signature", "thoughtSignature"],
]);
/** Fields that hold arguments as an object. */
const structured = new Set(["input", "args"]);
/** Fields that hold an image as base64: of OpenAI's image API, its image tool, and Gemini's `inlineData`. */
const drawn = new Set(["b64_json", "result", "data"]);
const leastImageLength = 200;

/** Walks through parsed answers. */
export function weighAnswer(value: unknown, field = ""): Weight {
  if (typeof value === "string") {
    if (written.has(field)) return { texts: Buffer.byteLength(value), images: 0 };
    return { texts: 0, images: Number(drawn.has(field) && value.length > leastImageLength) };
  }
  if (typeof value !== "object" || value === null) return { texts: 0, images: 0 };
  if (structured.has(field) && !Array.isArray(value)) {
    return { texts: Buffer.byteLength(JSON.stringify(value)), images: 0 };
  }
  // An image may be told by its address alone.
  if ("url" in value && field === "data") return { texts: 0, images: 1 };
  const weights = Object.entries(value).map(([name, each]) => weighAnswer(each, Array.isArray(value) ? field : name));
  return {
    texts: weights.reduce((sum, { texts }) => sum + texts, 0),
    images: weights.reduce((sum, { images }) => sum + images, 0),
  };
}
