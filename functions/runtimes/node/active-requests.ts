import { Failure } from "../../failure.ts";
import type { Received } from "../receive.ts";

/**
 * The requests under way. Not a Set: each time one that is filled and emptied all day is laid out anew, its old table keeps
 * pointing to the new one, so that once a table has grown old all later ones, with the requests in them, outlive their time.
 * A third of what a busy relay allocated was copied to the old generation by that.
 */
export interface Running {
  add(request: Received): void;
  /** Nothing if it is not there. */
  remove(request: Received): void;
  list(): readonly Received[];
  /** Aborts the requests whose connection is gone: answers that wait behind another one on it get no event of their own. */
  sweep(): void;
}

export function buildRunning(): Running {
  const requests: Received[] = [];
  const remove = (request: Received) => {
    if (requests[request.place] !== request) return;
    const last = requests.pop();
    if (last === undefined || last === request) return;
    requests[request.place] = last;
    last.place = request.place;
  };
  return {
    add(request) {
      request.place = requests.length;
      requests.push(request);
    },
    remove,
    list: () => requests.slice(),
    sweep() {
      for (const request of requests.filter(({ socket }) => socket.destroyed)) {
        remove(request);
        request.abort(new Failure("client.gone"));
      }
    },
  };
}
