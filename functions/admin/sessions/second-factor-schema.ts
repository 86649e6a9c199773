import * as z from "zod/mini";
import { component } from "../http/component.ts";
import { flag, instant, text, whole } from "../http/fields.ts";

const password = z.string().check(z.minLength(1), z.maxLength(1_000));
export const code = text(40, "Six digits of the authenticator app, or a recovery code.").check(z.minLength(6));

export const SecondFactor = component(
  "SecondFactor",
  z.object({
    isOn: flag("Whether sign-in asks for a code."),
    sinceAt: z.nullable(instant("Since when.")),
    recoveryCodesLeft: whole(0, 100, "Recovery codes that were not used yet."),
  }),
);
export const SecondFactorStart = component("SecondFactorStart", z.strictObject({ password }));
export const SecondFactorDraft = component(
  "SecondFactorDraft",
  z.object({
    secret: z.string().check(z.describe("For an app that takes no picture: base32, six digits, 30 seconds, SHA-1.")),
    uri: z.string().check(z.describe("`otpauth://totp/…`, to be shown as a QR code.")),
    expiresAt: instant("Until when it can be confirmed."),
  }),
);
export const SecondFactorConfirm = component("SecondFactorConfirm", z.strictObject({ code }));
export const SecondFactorCodes = component(
  "SecondFactorCodes",
  z.object({ recoveryCodes: z.array(z.string()).check(z.describe("Each signs in once in place of a code.")) }),
);
export const SecondFactorStop = component("SecondFactorStop", z.strictObject({ password, code }));
