import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { readAdmin, type Admin } from "../../core/people/password.ts";
import * as records from "../../core/people/passkey.ts";
import type { Session } from "../../core/people/session.ts";
import { countTry, succeed } from "../../core/people/throttle.ts";
import type { Request } from "../../wire/exchange.ts";
import { begin } from "./start-session.ts";
import { readDevice } from "../http/device.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation, signedIn } from "../http/operation.ts";
import { buildRegistrationOptions, buildSignInOptions, checkRegistration, checkSignature } from "./passkey-check.ts";
import * as shape from "./passkey-schema.ts";
import { proveBoth } from "./verify-password.ts";
import { SessionView } from "./session-schema.ts";
import { siteOf } from "./relying-party.ts";

const mostPasskeys = 20;
const toSignIn = "passkey sign-in";
/** A challenge for one session's new passkey is none for another's. */
const toRegister = ({ id }: Session) => `passkey of ${id}`;

/** Passkeys of the operator: each signs in by itself, in place of password and code. */
export const passkeyOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/session/passkey",
    id: "startPasskeySignIn",
    summary: "What a passkey is to sign for signing in, within five minutes and once.",
    isPublic: true,
    answer: shape.PasskeyOptions,
    run: ({ request }, env) => buildSignInOptions(siteOf(request, env), toSignIn, env),
  }),
  operation({
    method: "POST",
    path: "/admin/session/passkey",
    id: "signInByPasskey",
    summary: "Sign in by a passkey, without password and code: sets a session cookie.",
    isPublic: true,
    body: shape.PasskeySignIn,
    answer: SessionView,
    status: 201,
    async run({ body, request, setCookie }, env) {
      const admin = await provePasskey(body.credential, request, env);
      return begin(admin, "cookie", { request, setCookie }, env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/session/passkeys",
    id: "listPasskeys",
    summary: "The passkeys that sign in, the oldest first.",
    answer: shape.PasskeyList,
    run: async (_, env) => ({ items: (await records.listPasskeys(env)).map(view) }),
  }),
  operation({
    method: "POST",
    path: "/admin/session/passkeys/start",
    id: "startPasskey",
    summary:
      "What a new passkey is made from, within five minutes and once. Needs the password, and a code if asked for.",
    body: shape.PasskeyStart,
    answer: shape.PasskeyOptions,
    async run({ body, session, request }, env) {
      const own = signedIn(session);
      refuseInReset(env);
      const { password, code } = body;
      const site = siteOf(request, env);
      await proveBoth({ username: own.username, password, field: "password", code }, request, env);
      const known = await records.listPasskeys(env);
      if (known.length >= mostPasskeys)
        throw new Failure("record.conflict", { message: `There are ${mostPasskeys} passkeys: remove one first.` });
      return buildRegistrationOptions(site, { username: own.username, purpose: toRegister(own), known }, env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/session/passkeys",
    id: "addPasskey",
    summary: "Take a passkey into force that was made from what startPasskey answered.",
    body: shape.PasskeyDraft,
    answer: shape.Passkey,
    status: 201,
    run: async ({ body, session, request }, env) => view(await register(body, signedIn(session), request, env)),
  }),
  operation({
    method: "DELETE",
    path: "/admin/session/passkeys/:id",
    id: "removePasskey",
    summary: "Take a passkey out of force. Sessions that it opened stay.",
    params: shape.byPasskeyId,
    async run({ params }, env) {
      if (!(await records.findPasskey(params.id, env))) throw unknownRecord("passkey", params.id);
      await records.dropPasskey(params.id, env);
    },
  }),
];

function view({ id, name, host, isBackedUp, createdAt, usedAt }: records.Passkey): z.infer<typeof shape.Passkey> {
  return { id, name, host, isBackedUp, createdAt, usedAt };
}

async function register(
  { name, credential }: z.infer<typeof shape.PasskeyDraft>,
  own: Session,
  request: Request,
  env: Env,
): Promise<records.Passkey> {
  const site = siteOf(request, env);
  const made = await checkRegistration(credential, site, toRegister(own), env);
  if (!made) throw invalid("credential", "is not what was asked for, or took longer than five minutes");
  const passkey: records.Passkey = {
    id: made.credential.id,
    name,
    publicKey: Buffer.from(made.credential.publicKey).toString("base64url"),
    counter: made.credential.counter,
    transports: credential.response.transports ?? [],
    host: site.host,
    isBackedUp: made.credentialBackedUp,
    createdAt: env.now(),
    usedAt: null,
  };
  await records.putPasskey(passkey, env);
  return passkey;
}

/** The operator, if the passkey is one of theirs and has just signed. Counted as a try, like a password. */
async function provePasskey(
  credential: z.infer<typeof shape.PasskeySignIn>["credential"],
  request: Request,
  env: Env,
): Promise<Admin> {
  const site = siteOf(request, env);
  refuseInReset(env);
  const from = { ip: request.ip, name: toSignIn, device: readDevice(request, env) };
  const counted = await countTry(from, env);
  const passkey = await records.findPasskey(credential.id, env);
  const signed = passkey && (await checkSignature(credential, { passkey, site, purpose: toSignIn }, env));
  if (!passkey || !signed) {
    env.log("warn", "admin.wrong-passkey", { request: request.id, ip: request.ip });
    throw new Failure("login.passkey-wrong", {
      message: passkey
        ? "The passkey was not accepted: try once more, or sign in with the password."
        : "This passkey is not known here (any more): sign in with the password.",
    });
  }
  const usedAt = env.now();
  await records.putPasskey(
    { ...passkey, counter: signed.newCounter, isBackedUp: signed.credentialBackedUp, usedAt },
    env,
  );
  await succeed(counted, env);
  return readAdmin(env);
}

/** Who resets the password wants no other way in: the next sign-in by password takes passkeys away. */
function refuseInReset(env: Env): void {
  if (!env.config.ADMIN_PASSWORD_RESET) return;
  throw new Failure("record.conflict", {
    message: "ADMIN_PASSWORD_RESET is on: sign in with ADMIN_PASSWORD, then take it out of the environment.",
  });
}
