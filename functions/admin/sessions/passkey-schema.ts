import * as z from "zod/mini";
import { component } from "../http/component.ts";
import { flag, instant, name } from "../http/fields.ts";
import { code } from "./second-factor-schema.ts";

const base64 = z
  .string()
  .check(z.minLength(1), z.maxLength(20_000), z.regex(/^[\w-]+$/, { error: "is not base64url" }));
/** Longer than our own ids: authenticators choose them. */
export const byPasskeyId = z.strictObject({
  id: z.string().check(z.minLength(1), z.maxLength(1_400), z.regex(/^[\w-]+$/, { error: "is not an id" })),
});
const transports = z.array(z.string().check(z.maxLength(40))).check(z.maxLength(10));

export const Passkey = component(
  "Passkey",
  z.object({
    id: z.string(),
    name,
    host: z.string().check(z.describe("The host that it signs in to.")),
    isBackedUp: flag("Whether its maker keeps a copy, so that a lost device does not lose it."),
    createdAt: instant("When it was made."),
    usedAt: z.nullable(instant("When it last signed in.")),
  }),
);
export const PasskeyList = component("PasskeyList", z.object({ items: z.array(Passkey) }));

/** What a browser's `navigator.credentials` is given, as JSON (WebAuthn level 3, `parseCreationOptionsFromJSON`). */
export const PasskeyOptions = component("PasskeyOptions", z.looseObject({ challenge: z.string() }));

export const PasskeyStart = component(
  "PasskeyStart",
  z.strictObject({
    password: z.string().check(z.minLength(1), z.maxLength(1_000)),
    code: z.optional(code),
  }),
);

const made = { id: base64, rawId: base64, type: z.literal("public-key") };

export const PasskeyDraft = component(
  "PasskeyDraft",
  z.strictObject({
    name,
    credential: z
      .object({
        ...made,
        response: z.object({
          clientDataJSON: base64,
          attestationObject: base64,
          transports: z.optional(transports),
        }),
      })
      .check(z.describe("`RegistrationResponseJSON` of WebAuthn; fields beside these are not looked at.")),
  }),
);

export const PasskeySignIn = component(
  "PasskeySignIn",
  z.strictObject({
    credential: z
      .object({
        ...made,
        response: z.object({ clientDataJSON: base64, authenticatorData: base64, signature: base64 }),
      })
      .check(z.describe("`AuthenticationResponseJSON` of WebAuthn; fields beside these are not looked at.")),
  }),
);
