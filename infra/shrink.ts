import { transformSync } from "esbuild";

const cloudfront = 'import cf from "cloudfront";';

/** CloudFront takes 10 kB. As a script, without its import, the code keeps the names that are called from outside. */
export function shrink(code: string): string {
  const [before = "", script] = code.split(cloudfront);
  if (script === undefined || before.trim() !== "")
    throw new Error("SST's router code no longer begins with its import.");
  return cloudfront + transformSync(script, { minifyWhitespace: true, minifyIdentifiers: true }).code;
}
