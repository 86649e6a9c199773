import * as z from "zod/mini";
import { component } from "../http/component.ts";
import { instant } from "../http/fields.ts";
import { code } from "./second-factor-schema.ts";

export const SignIn = component(
  "SignIn",
  z.strictObject({
    username: z.string().check(z.minLength(1), z.maxLength(200)),
    password: z.string().check(z.minLength(1), z.maxLength(1_000)),
    code: z.optional(code),
    bearer: z.optional(
      z.boolean().check(z.describe("True: answer a bearer token for scripts instead of setting a cookie.")),
    ),
  }),
);

export const SessionView = component(
  "Session",
  z.object({
    username: z.string(),
    expiresAt: instant("When the session ends."),
    timeZone: z.string().check(z.describe("Where the relay's days begin: an IANA name, or hours from UTC.")),
    csrfToken: z.optional(
      z
        .string()
        .check(
          z.describe(
            "To be sent as `x-csrf-token` with every POST, PUT, PATCH and DELETE. Only for sessions by cookie.",
          ),
        ),
    ),
    token: z.optional(
      z
        .string()
        .check(
          z.describe("To be sent as `authorization: Bearer …`. Told once, at sign-in, if `bearer` was asked for."),
        ),
    ),
  }),
);

export const PasswordChange = component(
  "PasswordChange",
  z.strictObject({
    currentPassword: z.string().check(z.minLength(1), z.maxLength(1_000)),
    newPassword: z.string().check(z.minLength(8), z.maxLength(1_000)),
  }),
);
