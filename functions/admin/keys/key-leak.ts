import { findKeyById, putKey } from "../../core/keys/key.ts";
import { byId } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import { noteKeys } from "./key-listing.ts";
import { Key } from "./key-schema.ts";
import { buildKeyView } from "./key-view.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

/** What to do about a key that may have leaked is the operator's to decide: disabling it could stop a whole team. */
export const keyLeakOperations: readonly Operation[] = [
  operation({
    method: "DELETE",
    path: "/admin/keys/:id/leak",
    id: "forgetKeyLeak",
    summary: "Take the notice off that the key may have leaked; it comes back if the key is used so again.",
    params: byId,
    answer: Key,
    async run({ params }, env) {
      const key = await findKeyById(params.id, env);
      if (!key) throw unknownRecord("API key", params.id);
      const changed = { ...key, leak: undefined };
      await putKey(key, { leak: undefined }, env);
      noteKeys([changed], env);
      return buildKeyView(changed, env.now());
    },
  }),
];
