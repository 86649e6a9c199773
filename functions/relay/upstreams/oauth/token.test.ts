import { afterAll, beforeAll, expect, test } from "vitest";
import { type Rig, startRig } from "../../../../test/rig.ts";
import { Failure, toFailure } from "../../../failure.ts";
import { pullBody } from "../../../wire/dispatch.ts";
import { renew } from "./oauth.ts";
import { oauthProviders } from "./providers.ts";

let rig: Rig;
beforeAll(async () => (rig = await startRig()));
afterAll(() => rig.stop());

test.each([
  [400, '{"error":"invalid_grant","error_description":"Refresh token not found"}', "credential.rejected"],
  [401, '{"error":{"code":"refresh_token_reused","message":"Already used"}}', "credential.rejected"],
  [401, '{"type":"error","error":{"type":"authentication_error","message":"Invalid"}}', "upstream.refused"],
  [401, '{"error":"invalid_client"}', "upstream.refused"],
  [403, '{"error":{"type":"forbidden","message":"Request not allowed"}}', "upstream.refused"],
  [400, '{"error":"invalid_request","error_description":"invalid_grant"}', "upstream.refused"],
  [403, "<html><title>Just a moment...</title></html>", "upstream.refused"],
  [403, "", "upstream.refused"],
  [404, '{"error":"not_found"}', "upstream.refused"],
  [429, '{"error":"rate_limited"}', "upstream.refused"],
  [500, '{"error":"internal"}', "upstream.refused"],
  [200, '{"error":"bad_refresh_token"}', "upstream.refused"],
  [200, "<html><title>Sign in to the network</title></html>", "upstream.refused"],
  [200, "", "upstream.refused"],
  // A token was given, and cannot be read: the one that was shown is spent.
  [200, '{"access_token":"to', "upstream.broken"],
  [200, '{"token":"t"}', "upstream.broken"],
])("a refresh that is answered with %i %s says %s", async (status, text, code) => {
  const parts = [Buffer.from(text)];
  const body = pullBody(
    () => Promise.resolve(parts.shift()),
    () => undefined,
  );
  const env = { ...rig.env, dispatch: () => Promise.resolve({ status, headers: {}, body }) };
  const old = { kind: "oauth", accessToken: "a", refreshToken: `r ${text}` } as const;
  const { claude } = oauthProviders;
  const failure = claude && (await renew(claude, old, undefined, env).then(() => undefined, toFailure));
  expect(failure?.code).toBe(code);
});

test.each([
  [200, "upstream.broken"],
  [503, "upstream.timeout"],
])("an answer of status %i that breaks off says %s", async (status, code) => {
  const body = pullBody(
    () => Promise.reject(new Failure("upstream.timeout")),
    () => undefined,
  );
  const env = { ...rig.env, dispatch: () => Promise.resolve({ status, headers: {}, body }) };
  const { claude } = oauthProviders;
  const old = { kind: "oauth", accessToken: "a", refreshToken: `r ${status}` } as const;
  const failure = claude && (await renew(claude, old, undefined, env).then(() => undefined, toFailure));
  expect(failure?.code).toBe(code);
});
