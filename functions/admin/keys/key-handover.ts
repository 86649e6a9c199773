import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { seal, unseal } from "../../core/accounts/seal.ts";
import { type ApiKey, findKeyById, hasSecret } from "../../core/keys/key.ts";
import { buildSecret, hashSecret, isOwnSecret } from "../../core/keys/secret.ts";
import { byId } from "../http/fields.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { KeyHandover, KeyHandoverLink, KeyHandoverToken, KeyHandoverDraft } from "./key-schema.ts";

const validSeconds = 24 * 3_600;
/** So that whoever finds a link used is told so long after it would have ended. */
const rememberedSeconds = 30 * 24 * 3_600;

export const keyHandoverOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/admin/keys/:id/hand-over",
    id: "createHandover",
    summary:
      "Make a link that shows a key's secret once within 24 hours. The relay keeps the secret sealed for so long.",
    params: byId,
    body: KeyHandoverDraft,
    answer: KeyHandoverLink,
    status: 201,
    async run({ params, body: { secret } }, env) {
      const key = await findKeyById(params.id, env);
      if (!key) throw unknownRecord("API key", params.id);
      if (!isUsable(key, secret, env)) throw invalid("secret", "is no valid secret of this API key");
      // Signed as secrets are, so that made-up tokens cost no command.
      const token = buildSecret(env).slice(3);
      const name = nameOf(token);
      const value = seal(JSON.stringify({ id: key.id, secret }), name, env.config);
      await env.store.write(name, value, { ttlSeconds: validSeconds });
      return { token, expiresAt: env.now() + validSeconds * 1_000 };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/keys/hand-over",
    id: "openHandover",
    summary: "Open a link that hands over a key: once. Needs no session, since the token is the proof.",
    isPublic: true,
    body: KeyHandoverToken,
    answer: KeyHandover,
    status: 201,
    async run({ body: { token } }, env) {
      if (!isOwnSecret(`cr_${token}`, env)) throw over();
      const name = nameOf(token);
      const [sealed, usedAt] = await env.store.read([name, `${name}/used`]);
      if (usedAt !== undefined) throw used();
      if (sealed === undefined) throw over();
      const { id, secret } = JSON.parse(unseal(sealed, name, env.config)) as { id: string; secret: string };
      const key = await findKeyById(id, env);
      if (!key || !isUsable(key, secret, env)) throw over();
      // Of two who open it at once, one makes this mark.
      const mark = { onlyIfAbsent: true, ttlSeconds: rememberedSeconds };
      if (!(await env.store.write(`${name}/used`, String(env.now()), mark))) throw used();
      await env.store.remove([name]);
      return { id, name: key.name, secret };
    },
  }),
];

/** The token itself is kept nowhere. */
const nameOf = (token: string): string => `handover/${hashSecret(token)}`;

function isUsable(key: ApiKey, secret: string, { now }: Env): boolean {
  const isOver = key.expiresAt !== undefined && key.expiresAt <= now();
  return key.deletedAt === undefined && !isOver && hasSecret(key, hashSecret(secret), now());
}

const over = () =>
  new Failure("record.unknown", {
    message: "This link is not valid, or no longer: links end after 24 hours, and with their key. Ask for a new one.",
  });

const used = () =>
  new Failure("record.conflict", {
    message: "This link has been opened already. If that was not you, ask the operator to rotate the key's secret.",
  });
