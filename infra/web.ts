import { functions } from "./functions.ts";
import { router } from "./router.ts";

/** The console: static files in a bucket that only the router can read. Made after the functions, so that a broken one stops first. */
export const console = new sst.aws.StaticSite(
  "Console",
  {
    path: ".",
    build: { command: "node_modules/.bin/vite build --config web/vite.config.ts --logLevel warn", output: "dist/web" },
    router: { instance: router, path: "/web" },
  },
  { dependsOn: Object.values(functions) },
);
