import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Admin } from "../../core/people/password.ts";
import { forgetPassword, isAdmin, readAdmin } from "../../core/people/password.ts";
import { forgetPasskeys } from "../../core/people/passkey.ts";
import { forgetSecondFactor, isSecondFactor, readSecondFactor } from "../../core/people/second-factor.ts";
import type { Try } from "../../core/people/throttle.ts";
import { countTry, giveBack, succeed } from "../../core/people/throttle.ts";
import type { Request } from "../../wire/exchange.ts";
import { readDevice } from "../http/device.ts";
import { invalid } from "../http/invalid.ts";

export interface Shown {
  readonly username: string;
  readonly password: string;
  /** The body's field that a wrong password is about; undefined at sign-in, which does not tell name from password. */
  readonly field?: string;
}

/**
 * The operator, if name and password are right. Counts the try first and hashes only then. Throws `login.wrong`,
 * `login.throttled`.
 */
export async function provePassword(shown: Shown, request: Request, env: Env): Promise<Admin> {
  const { admin, counted } = await tryPassword(shown, request, env);
  await succeed(counted, env);
  return admin;
}

/**
 * The operator, if the code of the second factor is right too, where there is one. A wrong code counts as a wrong password
 * does. Throws `login.code-missing`, `login.code-wrong` beside what a wrong password throws.
 */
export async function proveBoth(
  shown: Shown & { code?: string | undefined },
  request: Request,
  env: Env,
): Promise<Admin> {
  const { admin, counted } = await tryPassword(shown, request, env);
  // Whoever can set the environment has the relay: this is the way back for who has lost the phone and the codes.
  const isReset = env.config.ADMIN_PASSWORD_RESET;
  const factor = isReset ? undefined : await readSecondFactor(env);
  if (factor && shown.code === undefined) {
    await giveBack(counted, env);
    throw new Failure("login.code-missing", { message: "The code of the authenticator app is missing." });
  }
  if (factor && !(await isSecondFactor(factor, shown.code ?? "", env))) {
    env.log("warn", "admin.wrong-code", { request: request.id, ip: request.ip });
    if (shown.field) throw invalid("code", "is wrong, or was used before");
    throw new Failure("login.code-wrong", { message: "The code is wrong, or was used before: wait for the next one." });
  }
  await succeed(counted, env);
  if (isReset) {
    const password = admin.isOverruled ? forgetPassword(env) : undefined;
    await Promise.all([password, forgetSecondFactor(env), forgetPasskeys(env)]);
  }
  return admin;
}

async function tryPassword(shown: Shown, request: Request, env: Env): Promise<{ admin: Admin; counted: Try }> {
  const { username, password, field } = shown;
  const counted = await countTry({ ip: request.ip, name: username, device: readDevice(request, env) }, env);
  const admin = await readAdmin(env);
  if (await isAdmin(admin, username, password, env)) return { admin, counted };
  env.log("warn", "admin.wrong-password", { request: request.id, ip: request.ip });
  if (field) throw invalid(field, "is not the password");
  throw new Failure("login.wrong", { message: "Name or password is wrong." });
}
