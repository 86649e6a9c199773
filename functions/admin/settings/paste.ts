import { invalid } from "../http/invalid.ts";

/** What a sign-in page gives to paste. */
export interface Pasted {
  readonly code: string;
  /** Undefined where the paste has none. */
  readonly state: string | undefined;
}

/**
 * Reads a pasted code: `code`, `code#state`, `code=…&state=…` or the whole callback URL, with the blanks and line breaks that
 * terminals and mail put in. Throws `request.malformed`, with the provider's word where it refused.
 */
export function readPaste(pasted: string, field: string): Pasted {
  const text = pasted.replace(/\s+/g, "");
  const query = findQuery(text);
  if (query) {
    const refusal = query.get("error_description") ?? query.get("error");
    if (refusal) throw invalid(field, `the provider refused: ${refusal.slice(0, 200)}`);
    return check({ code: query.get("code") ?? "", state: query.get("state") ?? undefined }, field);
  }
  const [code = "", state] = text.split("#");
  return check({ code, state: state === "" ? undefined : state }, field);
}

function findQuery(text: string): URLSearchParams | undefined {
  if (/^https?:\/\//i.test(text)) {
    const url = URL.parse(text);
    // Some providers answer in the fragment.
    if (url) return new URLSearchParams(`${url.search.slice(1)}&${url.hash.slice(1)}`);
  }
  return /(^|[?&])(code|error)=/.test(text)
    ? new URLSearchParams(text.replace(/^[^?]*\?/, "").replace("#", "&"))
    : undefined;
}

function check(pasted: Pasted, field: string): Pasted {
  if (!/^[\w~.+/=-]{8,2000}$/.test(pasted.code))
    throw invalid(field, "has no code in it: paste what the sign-in page shows at its end");
  return pasted;
}
