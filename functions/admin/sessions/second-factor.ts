import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import {
  confirmSecondFactor,
  draftSecondFactor,
  forgetSecondFactor,
  readSecondFactor,
} from "../../core/people/second-factor.ts";
import { invalid } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation, signedIn } from "../http/operation.ts";
import { proveBoth, provePassword } from "./verify-password.ts";
import * as shape from "./second-factor-schema.ts";

/** The operator's second factor: an authenticator app, and codes on paper for the day it is lost. */
export const secondFactorOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/session/second-factor",
    id: "getSecondFactor",
    summary: "Whether sign-in asks for a code, and how many recovery codes are left.",
    answer: shape.SecondFactor,
    run: (_, env) => describe(env),
  }),
  operation({
    method: "POST",
    path: "/admin/session/second-factor",
    id: "startSecondFactor",
    summary: "A new secret for an authenticator app, in force once it is confirmed. Needs the password.",
    body: shape.SecondFactorStart,
    answer: shape.SecondFactorDraft,
    status: 201,
    async run({ body, session, request }, env) {
      const { username } = signedIn(session);
      await provePassword({ username, password: body.password, field: "password" }, request, env);
      if (await readSecondFactor(env)) {
        throw new Failure("record.conflict", { message: "There is a second factor already: turn it off first." });
      }
      return draftSecondFactor(username, env);
    },
  }),
  operation({
    method: "PUT",
    path: "/admin/session/second-factor",
    id: "confirmSecondFactor",
    summary: "Take the secret into force by a code of the app. Tells the recovery codes, this once.",
    body: shape.SecondFactorConfirm,
    answer: shape.SecondFactorCodes,
    async run({ body }, env) {
      const recoveryCodes = await confirmSecondFactor(body.code, env);
      if (!recoveryCodes)
        throw invalid("code", "is not what the app shows now, or the secret is older than 15 minutes");
      return { recoveryCodes };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/session/second-factor/off",
    id: "stopSecondFactor",
    summary: "Ask for no code at sign-in any more. Needs the password and a code.",
    body: shape.SecondFactorStop,
    answer: shape.SecondFactor,
    async run({ body, session, request }, env) {
      const { username } = signedIn(session);
      await proveBoth({ username, password: body.password, field: "password", code: body.code }, request, env);
      await forgetSecondFactor(env);
      return describe(env);
    },
  }),
];

async function describe(env: Env) {
  const factor = await readSecondFactor(env);
  return {
    isOn: factor !== undefined,
    sinceAt: factor?.sinceAt ?? null,
    recoveryCodesLeft: factor?.recovery.length ?? 0,
  };
}
