import type { Recall } from "./responses-messages.ts";

/**
 * What open sockets may continue: of each the last response, by its name, with the items that led to it. Kept in memory
 * while the socket is open and nowhere else. Where it all grows past the limit, the socket that has been quiet longest is
 * forgotten, whose client then sends everything again.
 */
export interface Recollection {
  recall(owner: object): Recall;
  remember(owner: object, id: string, items: Buffer): void;
  forget(owner: object): void;
}

const limitBytes = 128 * 1024 * 1024;

export function buildRecollection(limit = limitBytes): Recollection {
  const known = new Map<object, { readonly id: string; readonly items: Buffer }>();
  let bytes = 0;
  const forget = (owner: object) => {
    bytes -= known.get(owner)?.items.length ?? 0;
    known.delete(owner);
  };
  return {
    recall: (owner) => (id) => {
      const found = known.get(owner);
      return found?.id === id ? found.items : undefined;
    },
    remember(owner, id, items) {
      forget(owner);
      known.set(owner, { id, items });
      bytes += items.length;
      for (const [quietest] of known) {
        if (bytes <= limit) return;
        forget(quietest);
      }
    },
    forget,
  };
}
