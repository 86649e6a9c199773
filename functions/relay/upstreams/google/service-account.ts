import { Failure } from "../../../failure.ts";
import type { Credential } from "../../../core/accounts/account.ts";

/** The key file as it was downloaded, kept as what renews a token that has ended before it was made. */
export function keepServiceAccount(credential: Credential): Credential {
  if (credential.kind !== "api-key") return credential;
  const key = readKey(credential.secret);
  if (typeof key.client_email !== "string" || typeof key.private_key !== "string") {
    throw new Failure("request.malformed", {
      message: "credential.secret: must be the JSON of a service account's key",
    });
  }
  const project = typeof key.project_id === "string" ? { extra: { project: key.project_id } } : {};
  return { kind: "oauth", accessToken: "", refreshToken: credential.secret, expiresAt: 0, ...project };
}

function readKey(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Failure("request.malformed", { message: "credential.secret: is not JSON", cause: error });
  }
}
