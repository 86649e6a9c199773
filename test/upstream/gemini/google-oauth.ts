import { createVerify, generateKeyPairSync } from "node:crypto";
import type { Incoming, Reply } from "../language.ts";
import { jsonReply } from "./errors.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** The key file of a service account whose assertions the simulated token endpoint accepts. */
export function serviceAccountKey(tokenUri: string, tokenLabel = "service"): string {
  return JSON.stringify({
    type: "service_account",
    project_id: "sim-cloud",
    private_key_id: "sim-key",
    private_key: keys.privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: `${tokenLabel}@sim-cloud.iam.gserviceaccount.com`,
    token_uri: tokenUri,
  });
}

/** Google's token endpoint (developers.google.com/identity/protocols/oauth2): codes, refresh tokens, signed assertions. */
export function openToken(incoming: Incoming): Reply {
  const form = new URLSearchParams(incoming.body.toString("utf8"));
  const get = (name: string) => form.get(name) ?? "";
  const refuse = (error: string, description: string) => jsonReply(400, { error, error_description: description });
  const granted = (more: Record<string, unknown>, label: string) =>
    jsonReply(200, { access_token: `ya29-sim-ok.${label}`, expires_in: 3599, token_type: "Bearer", ...more });
  if (get("grant_type") === "refresh_token") {
    if (get("refresh_token").includes("revoked")) return refuse("invalid_grant", "Token has been expired or revoked.");
    return granted({ scope: "cloud-platform" }, get("refresh_token"));
  }
  if (get("grant_type") === "authorization_code") {
    const isPkce = get("code_verifier") !== "" && get("client_secret") !== "";
    if (!isPkce) return refuse("invalid_grant", "Missing code verifier.");
    const claims = Buffer.from(JSON.stringify({ email: "person@example.com" })).toString("base64url");
    return granted({ refresh_token: "1//sim-refresh", id_token: `e30.${claims}.c2ln` }, "fresh");
  }
  const problem = assertionProblem(get("assertion"), incoming);
  return problem === undefined ? granted({}, "service") : refuse("invalid_grant", problem);
}

/** RFC 7523 § 3, checked with node:crypto and not with the library that signs. */
function assertionProblem(assertion: string, incoming: Incoming): string | undefined {
  const [head = "", claims = "", signature = ""] = assertion.split(".");
  const isGood = createVerify("RSA-SHA256")
    .update(`${head}.${claims}`)
    .verify(keys.publicKey, Buffer.from(signature, "base64url"));
  if (!isGood) return "Invalid JWT Signature.";
  const said = JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as Record<string, unknown>;
  if (!String(said.aud).endsWith(incoming.path)) return "Invalid JWT: wrong audience.";
  if (Number(said.exp) - Number(said.iat) > 3_600) return "Invalid JWT: it lives too long.";
  return said.scope === "https://www.googleapis.com/auth/cloud-platform" ? undefined : "Invalid scope.";
}
