/** How secrets look: keys by the prefixes of their makers, JWTs, bearers, and any long run without a break in it. */
const shapes = new RegExp(
  [
    /\b(?:sk|pk|rk|cr|gsk|xai|hf|nvapi|pplx|sess|sig)[-_][\w.-]{8,}/,
    /\bAIza[\w-]{10,}|\bya29\.[\w.-]+|\b(?:AKIA|ASIA)[A-Za-z0-9]{8,}/,
    /\beyJ[\w-]+(?:\.[\w-]*)*|\bBearer\s+\S+/,
    /[A-Za-z0-9+/_]{32,}={0,2}/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);
const shown = 6;

/**
 * Words of a provider, for logs and records: some say back the credential that they refuse. `sent` are secrets that went
 * into the request; what else looks like one is cut too. The first characters stay, enough to tell which one it was.
 */
export function redact(words: string, sent: readonly string[] = []): string {
  const known = sent.filter((secret) => secret.length >= 8);
  const forms = known.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const without = forms.reduce((text, secret) => text.replaceAll(secret, cut(secret)), words);
  return without.replace(shapes, cut);
}

const cut = (secret: string) => `${secret.slice(0, shown)}…`;
