import type { Maker, Seal, ThinkingPart } from "./conversation.ts";
import { makers, sealedBeginnings } from "../dialects/seal-marks.ts";
import { countValues } from "../../wire/top-level.ts";
import { parseObject } from "../../wire/json.ts";

/**
 * Thoughts of one provider travel in the signature field of another's language, behind a mark that names their maker:
 *
 *     openai.<item id>.<encrypted content>     gemini.<signature>
 *     anthropic.<base64 of the block>          chat.<base64 of the thought>
 *
 * The client sends them back as they are. A native account never sees one (`foreign-seals.ts`).
 */

/** Values and keys of a sealed block: it has three of each. */
const mostInSeal = 20;

const encode = (text: string): string => Buffer.from(text).toString("base64");
const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** A sealed thought as one text; empty for a thought that nobody sealed. */
export function packSeal({ text, seal }: Pick<ThinkingPart, "text" | "seal">): string {
  if (!seal) return "";
  const { maker, value, id = "", isRedacted } = seal;
  if (maker === "openai") return `openai.${id}.${value}`;
  if (maker === "gemini") return `gemini.${value}`;
  if (maker === "chat") return `chat.${encode(text)}`;
  const block = isRedacted
    ? { type: "redacted_thinking", data: value }
    : { type: "thinking", thinking: text, signature: value };
  return `anthropic.${encode(JSON.stringify(block))}`;
}

/** What `packSeal` packed; undefined for a text that bears no mark. The text of a thought is empty where the seal has none. */
export function unpackSeal(packed: unknown): ThinkingPart | undefined {
  if (typeof packed !== "string") return undefined;
  const dot = packed.indexOf(".");
  const maker = makers.find((mark) => mark === packed.slice(0, dot));
  return dot < 0 || maker === undefined ? undefined : unpackers[maker](packed.slice(dot + 1));
}

const sealed = (seal: Seal, text = ""): ThinkingPart => ({ kind: "thinking", text, seal });

const unpackers: Readonly<Record<Maker, (rest: string) => ThinkingPart | undefined>> = {
  openai(rest) {
    const dot = rest.indexOf(".");
    if (dot < 0 || dot === rest.length - 1) return undefined;
    return sealed({ maker: "openai", id: rest.slice(0, dot) || undefined, value: rest.slice(dot + 1) });
  },
  gemini: (rest) => (rest === "" ? undefined : sealed({ maker: "gemini", value: rest })),
  chat: (rest) => sealed({ maker: "chat", value: rest }, decode(rest)),
  anthropic(rest) {
    const text = Buffer.from(rest, "base64");
    const block = countValues(text, mostInSeal) > mostInSeal ? undefined : parseObject(text.toString("utf8"));
    if (typeof block?.data === "string") return sealed({ maker: "anthropic", value: block.data, isRedacted: true });
    if (typeof block?.signature !== "string") return undefined;
    return sealed({ maker: "anthropic", value: block.signature }, String(block.thinking ?? ""));
  },
};

/** Gemini's field for a signature holds bytes in base64, and one part may have to bear the seals of several thoughts. */
export const packForGemini = (thoughts: readonly ThinkingPart[]): string =>
  encode(thoughts.map(packSeal).filter(Boolean).join("\n"));

/** What `packForGemini` packed; empty for a signature of Gemini's own. */
export function unpackForGemini(signature: unknown): ThinkingPart[] {
  if (typeof signature !== "string" || !sealedBeginnings.some((mark) => signature.startsWith(mark))) return [];
  return decode(signature)
    .split("\n")
    .flatMap((packed) => unpackSeal(packed) ?? []);
}
