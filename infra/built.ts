import { execFileSync } from "node:child_process";

/**
 * What is deployed is built from the sources that stand here, with the Node that the project installs; `RELAY_BUILT=true`
 * deploys what stands in dist/ already.
 */
if (process.env.RELAY_BUILT !== "true") {
  execFileSync("node", ["scripts/deployed.ts"], {
    cwd: $cli.paths.root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PATH: `${$cli.paths.root}/node_modules/.bin:${process.env.PATH}` },
  });
}

export const built = "dist";
