/**
 * What an admin sent or saw, fit to be kept for good: no secret of any kind. Three sieves, each enough for most secrets and
 * none trusted alone: text under a name that secrets have is left out; text that was given under such a name is left out
 * wherever else it stands; text that looks like a secret is left out whatever it is called.
 */
export function redact(value: unknown, secrets: ReadonlySet<string> = new Set()): unknown {
  return clean(value, false, { secrets, depth: 0 });
}

/** All text that stands under names that secrets have, to be found wherever it may turn up. */
export function findSecrets(value: unknown): Set<string> {
  const found = new Set<string>();
  const look = (each: unknown, isSecret: boolean, depth: number): void => {
    if (depth > deepest) return;
    if (typeof each === "string" && isSecret && each.length >= shortest) found.add(each);
    if (typeof each !== "object" || each === null) return;
    for (const [name, inner] of Object.entries(each))
      look(inner, (isSecret && !plainName.test(name)) || (!Array.isArray(each) && isSecretName(name)), depth + 1);
  };
  look(value, false, 0);
  return found;
}

/** Fields that differ, each side without what is the same. Undefined sides count as empty. */
export function difference(
  before: unknown,
  after: unknown,
): { before?: Record<string, unknown>; after?: Record<string, unknown> } {
  const [old, young] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(young)])].filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(young[name]),
  );
  const pick = (fields: Record<string, unknown>) =>
    bound(Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]])));
  return {
    ...(before === undefined ? {} : { before: pick(old) }),
    ...(after === undefined ? {} : { after: pick(young) }),
  };
}

export const left = "[secret]";

const deepest = 8;
const mostItems = 50;
const longestText = 500;
const longestAll = 8_000;
/** Shorter text is looked for by its name only: it would be found in words that have nothing to do with it. */
const shortest = 8;

/** `tokens` is a figure; `prefix`, `hint` and `kind` of a credential are for display. */
const secretName =
  /secret|passw|passphrase|token$|token_|credential$|apikey|api_key|accesskey|private|cookie|authorization|signature|recovery|^code$|codes$|pasted|callbackurl|verifier|challenge|otp|webhook|^uri$|session$|jwt|csrf|^key$|^url$/i;

function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** Words for the shape of a secret, that stand beside it. */
const plainName = /^(kind|type|id|name)$/;

const looks = [
  /\bcr_[0-9a-f]{16,}/gi,
  /\b(?:sk|pk|rk|key|xox[a-z]|gh[a-z]|glpat|ya29|AKIA|ASIA|AIza|whsec|re)[-_.]?[A-Za-z0-9_.-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g,
  /-----BEGIN[\s\S]*/g,
  /\b1\/\/[A-Za-z0-9_-]{16,}/g,
  /(?<=:\/\/)[^/@\s]+@/g,
  /(?<=[?&][\w.-]*(?:key|token|secret|sig|signature|password|access)[\w.-]*=)[^&\s#]+/gi,
  // An id with its hyphens is none of these; what has no word in it and no end is.
  /[A-Za-z0-9+/_=]{40,}/g,
];

interface Sieve {
  readonly secrets: ReadonlySet<string>;
  readonly depth: number;
}

function clean(value: unknown, isSecret: boolean, sieve: Sieve): unknown {
  if (typeof value === "string") return isSecret && value !== "" ? left : cleanText(value, sieve.secrets);
  if (typeof value !== "object" || value === null) return value;
  if (sieve.depth >= deepest) return "…";
  const inner = { ...sieve, depth: sieve.depth + 1 };
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => clean(item, isSecret, inner));
    return value.length > mostItems ? [...items, `… ${value.length - mostItems} more`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      cleanText(name, sieve.secrets),
      clean(item, isSecret || isSecretName(name), inner),
    ]),
  );
}

function cleanText(text: string, secrets: ReadonlySet<string>): string {
  let found = text;
  for (const secret of secrets) found = found.replaceAll(secret, left);
  for (const look of looks) found = found.replace(look, left);
  return found.length > longestText ? `${found.slice(0, longestText)}…` : found;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The largest fields give way, so that one entry stays small whatever was sent. */
function bound(fields: Record<string, unknown>): Record<string, unknown> {
  const size = (value: unknown) => JSON.stringify(value)?.length ?? 0;
  let total = size(fields);
  const kept = { ...fields };
  const largest = Object.keys(fields).sort((one, other) => size(fields[other]) - size(fields[one]));
  for (const name of largest) {
    if (total <= longestAll) break;
    total -= size(kept[name]);
    kept[name] = "…";
  }
  return kept;
}
