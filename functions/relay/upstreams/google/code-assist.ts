import type { Call } from "../../dialects/dialect.ts";
import type { Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import { findTopLevel } from "../../../wire/top-level.ts";
import { joinGoogleUrl } from "./gemini.ts";
import { judge } from "../judge.ts";
import { findProvider } from "../oauth/providers.ts";
import { renew } from "../oauth/oauth.ts";
import { spliceFields, unpack } from "../splice.ts";
import type { SignedInAccount, Upstream } from "../upstream.ts";

type Oauth = Extract<Credential, { kind: "oauth" }>;

/** A Google sign-in for Gemini Code Assist: serves Gemini CLI's own requests for the account's own people. */
export const codeAssist: Upstream = {
  kind: "code-assist",
  service: "gemini",
  dialect: "code-assist",
  credential: "oauth",
  onlyClient: "gemini-cli",
  defaultBaseUrl: "https://cloudcode-pa.googleapis.com",
  settings: { project: "The Google Cloud project that calls are made for, instead of the one that Google names." },
  // Code Assist has no list of models, but of what is left of each.
  listing: { method: "POST", target: "/v1internal:retrieveUserQuota", body: '{"project":""}' },
  homeModels: /^gemini-/,
  address: (account, call) => joinGoogleUrl(account, codeAssist.defaultBaseUrl, call.target),
  sign: (headers, credential) =>
    credential.kind === "oauth" ? { ...headers, authorization: `Bearer ${credential.accessToken}` } : headers,
  prepare: withOwnProject,
  async refresh(credential, account, proxy, env) {
    const provider = findProvider("code-assist", account.settings);
    if (credential.kind !== "oauth" || !provider)
      throw new Failure("credential.rejected", { message: "Not a sign-in account." });
    return withProject(await renew(provider, credential, proxy, env), { ...account, proxy }, env);
  },
  async complete(credential, account, env) {
    if (credential.kind !== "oauth") return credential;
    // A project that cannot be had now must not cost the sign-in: a token that ends at once is renewed when it is first used.
    return withProject(credential, account, env).catch(() => ({ ...credential, expiresAt: env.now() }));
  },
  judge,
};

async function withProject(credential: Oauth, account: SignedInAccount, env: Env): Promise<Oauth> {
  if (credential.extra?.project !== undefined || account.settings.project !== undefined) return credential;
  const { discoverProject } = await import("./code-assist-project.ts");
  const baseUrl = (account.baseUrl ?? codeAssist.defaultBaseUrl).replace(/\/+$/, "");
  return discoverProject(
    credential,
    { baseUrl, ...(account.proxy === undefined ? {} : { proxy: account.proxy }) },
    env,
  );
}

/** Fields in which a request names a project, by where they stand in `v1internal`'s requests. */
const projectFields = ["project", "cloudaicompanionProject"];

/** The client names the project of whichever account told it one; the account that serves it may only use its own. */
function withOwnProject(call: Call, account: Account, credential: Credential): Call {
  if (call.method === "GET") return call;
  const own = account.settings.project ?? (credential.kind === "oauth" ? credential.extra?.project : undefined);
  if (own === undefined) return call;
  const plain = unpack(call);
  const spans = findTopLevel(plain.body, projectFields);
  const changed = projectFields.filter((field) => {
    const span = spans?.get(field);
    return span && plain.body.toString("utf8", span.start, span.end) !== JSON.stringify(own);
  });
  if (changed.length === 0) return call;
  const spliced = spliceFields(plain, Object.fromEntries(changed.map((field) => [field, own])));
  return { ...spliced, rules: [...plain.rules, `${changed.join(", ")} → the account's own project`] };
}
