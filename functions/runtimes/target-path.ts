/** The path of a request's target, cleaned. */
export function targetPath(target: string): string {
  const cut = target.indexOf("?");
  const raw = cut < 0 ? target : target.slice(0, cut);
  return cleanPath(raw);
}

const endpoint =
  /\/(messages|count_tokens|completions|responses|compact|input_tokens|embeddings|generations|edits|models)\/$/;

/** Repeated slashes are one, and a version that a client put behind a base URL that has one already, or a last slash, is nothing. */
export function cleanPath(raw: string): string {
  const path = raw.includes("//") ? raw.replace(/\/{2,}/g, "/") : raw;
  const once = path.replace(/\/(v1|v1beta)(?=\/\1\/)/g, "");
  return endpoint.test(once) ? once.slice(0, -1) : once;
}
