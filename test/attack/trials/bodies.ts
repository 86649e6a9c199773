import assert from "node:assert/strict";
import { message, post } from "../client.ts";
import type { Trial } from "../trial.ts";

/** What is sent before anything is paid for: bodies. */
export const bodies: readonly Trial[] = [
  {
    name: "a prototype's name is no content-encoding",
    targets: ["embedded", "redis", "lambda"],
    async run({ url, office, account }) {
      await account("anthropic");
      const { secret } = await office.key();
      for (const encoding of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
        const { status, text } = await post(url, secret, message(), { "content-encoding": encoding });
        assert.equal(status, 400, `${encoding}: ${text}`);
        assert.match(text, /Unsupported content-encoding/);
      }
      assert.equal((await post(url, secret, message())).status, 200);
    },
  },
];
