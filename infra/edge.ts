import { buildMounts } from "./mounts.ts";
import { listRows } from "./segments.ts";

/** Seconds that CloudFront waits for a function's first byte and between two bytes: the most that needs no quota increase. */
const edgeTimeoutSeconds = 60;
/** When the relay gives up by itself: early enough that its own words arrive before CloudFront's. */
export const firstByteSeconds = edgeTimeoutSeconds - 5;

/**
 * What the router does with a request: the origin's proof, the viewer's address, `/` to the console, and else the function
 * that answers (`health` for unknown paths). It reads one key, the function's host, and ends there: SST's search through all
 * routes never runs. JavaScript for CloudFront's runtime 2.0 inside SST's handler, whose `setUrlOrigin` and `cf` it uses.
 * `event.viewer.ip` is what CloudFront saw; a function URL's `x-forwarded-for` is the client's own first entry.
 */
export function buildViewerRequest(originSecret: string, hasDomain: boolean): string {
  const mounts = buildMounts();
  const list = mounts.map(({ endpoint, expression }) => `["${endpoint}",/${expression.replaceAll("/", "\\/")}/]`);
  const segments = Object.entries(listRows(mounts)).map(([name, rows]) => `"/${name}":[${rows.join()}]`);
  const timeouts = `{ timeouts: { readTimeout: ${edgeTimeoutSeconds}, keepAliveTimeout: ${edgeTimeoutSeconds} } }`;
  // With a domain of its own the distribution's name is refused, by SST's code that follows.
  const isServed = hasDomain ? `!headers.host.value.includes("cloudfront.net") && ` : "";
  return `{
    const request = event.request, headers = request.headers;
    headers["x-origin-verify"] = { value: ${JSON.stringify(originSecret)} };
    headers["x-relay-viewer"] = { value: event.viewer.ip };
    const path = request.uri.replace(/\\/{2,}/g, "/");
    if (path === "/") return { statusCode: 302, headers: { location: { value: "/web" } } };
    if (${isServed}!/^\\/web(\\/|$)/.test(path)) {
      const mounts = [${list.join()}], asked = request.method + path;
      const rows = { ${segments.join()} }["/" + path.split(/[/:]/)[1]] || [];
      const row = rows.find((row) => mounts[row][1].test(asked));
      request.uri = path;
      setUrlOrigin(await cf.kvs().get(row === undefined ? "health" : mounts[row][0]), ${timeouts});
      return request;
    }
  }`;
}
