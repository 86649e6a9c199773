import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { api, take } from "./client.ts";
import { Refused } from "./refused.ts";
import { enter, send } from "./session.ts";

/** Loaded when somebody uses a passkey. */
const library = () => import("@simplewebauthn/browser");

/** Whether this browser has passkeys at this address: not over plain http, but on the machine itself. */
export const hasPasskeys = (): boolean => "PublicKeyCredential" in window;

/** Signs in by a passkey that the device or the browser offers. Throws Refused. */
export async function signInByPasskey(): Promise<void> {
  const optionsJSON = (await send("GET", "/admin/session/passkey")) as unknown as PublicKeyCredentialRequestOptionsJSON;
  const credential = await worded(async () => (await library()).startAuthentication({ optionsJSON }));
  await enter("/admin/session/passkey", { credential });
}

/** Has the browser make a passkey for this relay, and keeps it under a name. Throws Refused. */
export async function addPasskey(name: string, proof: { password: string; code?: string }): Promise<void> {
  const options = await take(api.POST("/admin/session/passkeys/start", { body: proof }));
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const { id, rawId, response } = await worded(async () => (await library()).startRegistration({ optionsJSON }));
  const { clientDataJSON, attestationObject, transports = [] } = response;
  const credential = {
    ...{ id, rawId, type: "public-key" as const },
    response: { clientDataJSON, attestationObject, transports },
  };
  await take(api.POST("/admin/session/passkeys", { body: { name, credential } }));
}

const codes: Readonly<Record<string, string>> = {
  SecurityError: "passkey.elsewhere",
  InvalidStateError: "passkey.known",
};

/** Browsers tell little on purpose: a name that is the same for a refusal, a time-out and a device without passkeys. */
async function worded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error as Error;
    throw new Refused(0, { code: codes[name] ?? "passkey.none", message });
  }
}
