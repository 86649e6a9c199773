import { built } from "./built.ts";
import { router } from "./router.ts";

/** The console: static files in a bucket that only the router can read. */
export const console = new sst.aws.StaticSite("Console", {
  path: `${built}/web`,
  router: { instance: router, path: "/web" },
});
