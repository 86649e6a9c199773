import { listSpellings, plainName } from "../money/price-name.ts";
import { isListed } from "./aliases.ts";
import type { ApiKey } from "./key.ts";

type Rights = Pick<ApiKey, "allowedModels" | "blockedModels">;

/**
 * Whether a key may ask for a model, by what the name means and not by how it is written: providers read capitals, percent
 * encodings, a maker's name before it and a date behind it as the same model.
 */
export function mayUse({ allowedModels, blockedModels }: Rights, model: string): boolean {
  const asked = decode(model).trim().toLowerCase();
  const isInside = allowedModels.length === 0 || isListed(asked, allowedModels.map(lower));
  if (!isInside || blockedModels.length === 0) return isInside;
  const spellings = [asked, ...listSpellings(asked), asked.slice(asked.lastIndexOf("/") + 1)];
  const names = new Set([...spellings, ...spellings.map((name) => name.replace(maker, ""))]);
  const blocked = [...new Set(blockedModels.flatMap((entry) => [lower(entry), plainName(entry)]))];
  return [...names].every((name) => !isListed(name, blocked) && !isListed(plainName(name), blocked));
}

/** Amazon Bedrock's `us.anthropic.`. */
const maker = /^(?:[a-z-]+\.)?[a-z0-9]+\.(?=[a-z])/;
const lower = (entry: string): string => entry.trim().toLowerCase();

/** Providers decode a name once, proxies before them once more. */
function decode(model: string): string {
  let name = model;
  for (let turn = 0; turn < 3 && name.includes("%"); turn += 1) {
    try {
      name = decodeURIComponent(name);
    } catch {
      return name;
    }
  }
  return name;
}

/** No model's name has these in it; in an address they lead to another one. */
const misleading = /[\p{Cc}?#%\\]|\.\.|^\/|\/\/|\/$/u;

/** Whether a name can be a model's, wherever it is put. */
export function isModelName(name: string): boolean {
  return !misleading.test(name) && name.length <= 512;
}
