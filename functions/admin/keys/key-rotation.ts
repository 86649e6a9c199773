import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { type ApiKey, findKeyById, putKey, rotateKey } from "../../core/keys/key.ts";
import { buildSecret, hashSecret } from "../../core/keys/secret.ts";
import { byId } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import { noteKeys } from "./key-listing.ts";
import { Key, KeyRotation, KeyWithSecret } from "./key-schema.ts";
import { buildKeyView } from "./key-view.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

const hourMs = 3_600_000;

export const keyRotationOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/admin/keys/:id/rotate",
    id: "rotateKey",
    summary: "Give a key a new secret, which is in this answer and nowhere else. Limits and usage stay with the key.",
    params: byId,
    body: KeyRotation,
    answer: KeyWithSecret,
    async run({ params, body }, env) {
      const key = await read(params.id, env);
      const secret = buildSecret(env);
      const made = { hash: hashSecret(secret), prefix: secret.slice(0, 10) };
      const changed = await rotateKey(key, made, body.graceHours * hourMs, env);
      noteKeys([changed], env);
      return { ...buildKeyView(changed, env.now()), secret };
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/keys/:id/former-secret",
    id: "endFormerSecret",
    summary: "End the replaced secret of a key now. On every instance within five seconds.",
    params: byId,
    answer: Key,
    async run({ params }, env) {
      const key = await read(params.id, env);
      if (!key.rotation || key.rotation.formerUntil <= env.now()) return buildKeyView(key, env.now());
      const change = { rotation: { ...key.rotation, formerUntil: env.now() } };
      await putKey(key, change, env);
      noteKeys([{ ...key, ...change }], env);
      return buildKeyView({ ...key, ...change }, env.now());
    },
  }),
];

async function read(id: string, env: Env): Promise<ApiKey> {
  const key = await findKeyById(id, env);
  if (!key) throw unknownRecord("API key", id);
  if (key.deletedAt === undefined) return key;
  throw new Failure("record.conflict", { message: "The API key is deleted: restore it first." });
}
