import { ConfigError } from "../../functions/config.ts";
import { importCrs } from "../../functions/operations/takeover/takeover.ts";
import { openForeign } from "../../functions/stores/redis/foreign.ts";
import type { Run } from "./command.ts";
import { tellPlan } from "./import.ts";
import { withEnv } from "./open.ts";

/** Shows what would be taken over from claude-relay-service and what not, and takes it after a yes. */
export const runImportCrs: Run = async (_files, flags, { environment, say, askSecret, isYes }) => {
  if (flags.redis === undefined) throw new ConfigError(["--redis is missing: redis://:password@host:6379/0"]);
  const given = environment["CRS_ENCRYPTION_KEY"] || (await askSecret("ENCRYPTION_KEY of claude-relay-service: "));
  if (!given) throw new ConfigError(["CRS_ENCRYPTION_KEY is missing, and nobody was there to be asked."]);
  const redis = await openForeign(flags.redis);
  try {
    return await withEnv(environment, flags.store, async (env) => {
      const takeover = { redis, encryptionKey: given };
      tellPlan(await importCrs({ ...takeover, isWriting: false }, env)).forEach(say);
      if (flags["dry-run"]) return 0;
      if (!flags.yes && !(await isYes("Take this over?"))) {
        say("Nothing was changed. --yes takes over without a question.");
        return 1;
      }
      await importCrs({ ...takeover, isWriting: true }, env);
      say("Taken over. Stop claude-relay-service now: two services that renew one sign-in lock each other out.");
      return 0;
    });
  } finally {
    await redis.close();
  }
};
