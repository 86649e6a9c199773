import { createHash } from "node:crypto";
import type { VerifiedAuthenticationResponse, VerifiedRegistrationResponse } from "@simplewebauthn/server";
import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { buildChallenge, challengeSeconds, claimChallenge } from "../../core/people/challenge.ts";
import type { Passkey } from "../../core/people/passkey.ts";
import type { PasskeyDraft, PasskeySignIn } from "./passkey-schema.ts";
import type { Site } from "./relying-party.ts";

/** Loaded when somebody uses a passkey: it is as large as all else that a cold start of the admin API reads. */
const library = () => import("@simplewebauthn/server");

const timeout = challengeSeconds * 1000;
/** The device asks for its PIN, finger or face: what one has and what one knows or is, as password and code together. */
const userVerification = "required";

/** EdDSA, ES256, RS256 (COSE). The library's own list asks Node for one that it calls experimental, and warns of. */
const supportedAlgorithmIDs = [-8, -7, -257];

/** For a passkey that is found by the device itself, without a name. */
export async function buildSignInOptions(site: Site, purpose: string, env: Env): Promise<{ challenge: string }> {
  const { generateAuthenticationOptions } = await library();
  const challenge = await buildChallenge(purpose, env);
  return { ...(await generateAuthenticationOptions({ rpID: site.host, challenge, timeout, userVerification })) };
}

export interface Registration {
  readonly username: string;
  readonly purpose: string;
  readonly known: readonly Passkey[];
}

export async function buildRegistrationOptions(
  site: Site,
  { username, purpose, known }: Registration,
  env: Env,
): Promise<{ challenge: string }> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: env.config.WEB_TITLE,
    rpID: site.host,
    userName: username,
    // The same for one operator, so that a device does not keep two of one account.
    userID: new Uint8Array(createHash("sha256").update(`claude-relay\n${username}`).digest()),
    challenge: await buildChallenge(purpose, env),
    timeout,
    attestationType: "none",
    supportedAlgorithmIDs,
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: "required", userVerification },
  });
  return { ...options };
}

/** What was made, if it was made here, now and for this purpose; undefined if not. */
export async function checkRegistration(
  { id, rawId, response }: z.infer<typeof PasskeyDraft>["credential"],
  site: Site,
  purpose: string,
  env: Env,
): Promise<VerifiedRegistrationResponse["registrationInfo"]> {
  const { verifyRegistrationResponse } = await library();
  const { clientDataJSON, attestationObject } = response;
  const verified = await orUndefined("register", env, () =>
    verifyRegistrationResponse({
      response: {
        ...{ id, rawId, type: "public-key", clientExtensionResults: {} },
        response: { clientDataJSON, attestationObject },
      },
      supportedAlgorithmIDs,
      ...expectations(site, purpose, env),
    }),
  );
  return verified?.verified ? verified.registrationInfo : undefined;
}

/** How often it has signed, and the like, if the signature is its own; undefined if not. */
export async function checkSignature(
  { id, rawId, response }: z.infer<typeof PasskeySignIn>["credential"],
  { passkey, site, purpose }: { readonly passkey: Passkey; readonly site: Site; readonly purpose: string },
  env: Env,
): Promise<VerifiedAuthenticationResponse["authenticationInfo"] | undefined> {
  const { verifyAuthenticationResponse } = await library();
  const publicKey = new Uint8Array(Buffer.from(passkey.publicKey, "base64url"));
  const verified = await orUndefined("sign in", env, () =>
    verifyAuthenticationResponse({
      response: { ...{ id, rawId, type: "public-key", clientExtensionResults: {} }, response },
      credential: { id: passkey.id, publicKey, counter: passkey.counter },
      ...expectations(site, purpose, env),
    }),
  );
  return verified?.verified ? verified.authenticationInfo : undefined;
}

function expectations(site: Site, purpose: string, env: Env) {
  return {
    expectedChallenge: (signed: string) =>
      claimChallenge(Buffer.from(signed, "base64url").toString("utf8"), purpose, env),
    expectedOrigin: [...site.origins],
    expectedRPID: site.host,
    requireUserVerification: true,
  };
}

/** The library throws what is wrong. Its words are for the log, up to where they say again what was sent. */
async function orUndefined<T>(what: string, env: Env, check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    // The store's own trouble is no verdict.
    if (error instanceof Error && error.name === "Failure") throw error;
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split('"');
    env.log("warn", "admin.wrong-passkey", { what, reason: reason.slice(0, 200) });
    return undefined;
  }
}
