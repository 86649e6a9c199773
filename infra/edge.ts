import { transformSync } from "esbuild";
import { buildMounts } from "./mounts.ts";

/**
 * What the router does first with a request: the origin's proof, `/` to the console, and the endpoint's name before the
 * path, by which SST's own code finds the function (and takes it away again). What nothing fits goes to `health`, which
 * answers every unknown path in words. JavaScript for CloudFront's runtime 2.0, inside `async function handler(event)`.
 */
export function buildViewerRequest(originSecret: string): string {
  const mounts = buildMounts().map(
    ({ endpoint, expression }) => `["${endpoint}",/${expression.replaceAll("/", "\\/")}/]`,
  );
  return `{
    const request = event.request;
    request.headers["x-origin-verify"] = { value: ${JSON.stringify(originSecret)} };
    const path = request.uri.replace(/\\/{2,}/g, "/");
    if (path === "/") return { statusCode: 302, headers: { location: { value: "/web" } } };
    if (!/^\\/web(\\/|$)/.test(path)) {
      const mount = [${mounts.join()}].find((mount) => mount[1].test(request.method + path));
      request.uri = "/" + (mount ? mount[0] : "health") + path;
    }
  }`;
}

const cloudfront = 'import cf from "cloudfront";';

/** CloudFront takes 10 kB. As a script, without its import, the code keeps the names that are called from outside. */
export function shrink(code: string): string {
  const [before = "", script] = code.split(cloudfront);
  if (script === undefined || before.trim() !== "")
    throw new Error("SST's router code no longer begins with its import.");
  return cloudfront + transformSync(script, { minifyWhitespace: true, minifyIdentifiers: true }).code;
}
