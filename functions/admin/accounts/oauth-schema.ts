import * as z from "zod/mini";
import { AccountView, settings, signInKind } from "./account-schema.ts";
import { component } from "../http/component.ts";
import { flag, id, instant, name, proxy, text, whole, words } from "../http/fields.ts";

export { AccountView };

export const SignInStart = component(
  "AccountSignInStart",
  z.strictObject({
    kind: signInKind,
    variant: z.optional(
      z
        .enum(["full", "setup"])
        .check(
          z.describe(
            "`full` (the default): tokens that the relay renews. `setup`: a long-lived token for inference only.",
          ),
        ),
    ),
    accountId: z.optional(id.check(z.describe("The account that signs in again; absent for a new one."))),
    settings: z.optional(settings),
    proxy: z.optional(z.nullable(proxy)),
  }),
);

export const SignInLink = component(
  "AccountSignInLink",
  z.object({
    url: z
      .string()
      .check(z.describe("To be opened in a browser; it ends with a code, or a callback URL, to be pasted.")),
    state: z.string().check(z.describe("To be sent with what was pasted.")),
    expiresAt: instant("Until when the code is taken."),
  }),
);

export const SignInFinish = component(
  "AccountSignInFinish",
  z.strictObject({
    state: z.string().check(z.minLength(1), z.maxLength(200)),
    code: z.optional(text(4_000, "The code as it was pasted: `code`, `code#state`, or the whole callback URL.")),
    callbackUrl: z.optional(text(4_000, "The callback URL, instead of `code`.")),
    name: z.optional(
      name.check(
        z.describe(
          "The new account's name; by default who signed in. Of an account that signs in again, it changes nothing unless given.",
        ),
      ),
    ),
    isEnabled: z.optional(flag("A paused account takes no new calls.")),
    priority: z.optional(whole(0, 1_000, "Lower is tried first.")),
    weight: z.optional(whole(1, 1_000, "Share of the work among accounts of one priority.")),
    maxConcurrency: z.optional(whole(0, 10_000, "Calls in flight at once; 0: no limit.")),
    groups: z.optional(words(50, "Ids of the groups that it belongs to.")),
    isDedicated: z.optional(flag("A dedicated account only serves keys that are bound to it.")),
  }),
);
