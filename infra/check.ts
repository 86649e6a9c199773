import { ConfigError, parseConfig } from "../functions/config.ts";
import { listCalls } from "../functions/operations/jobs/schedules.ts";
import { firstByteSeconds } from "./edge.ts";
import { settings } from "./settings.ts";

/** `JwtSecret` is JWT_SECRET to the function. */
const settingOf = (secret: string) => secret.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();

/** What SST hands to the program: `SST_SECRET_<name>`, stored or from the environment. */
const secrets = Object.entries(process.env).flatMap(([name, value]) => {
  const [, secret] = /^SST_SECRET_(.+)$/.exec(name) ?? [];
  return secret === undefined || !value ? [] : [[settingOf(secret), value] as const];
});

/** In place of a secret that is not set: SST itself tells which, with the command that sets it. */
const standIns = Object.fromEntries(
  [
    ...["JWT_SECRET", "ENCRYPTION_KEY", "ADMIN_USERNAME", "ADMIN_PASSWORD", "UPSTASH_REDIS_REST_TOKEN"],
    ...["QSTASH_CURRENT_SIGNING_KEY", "QSTASH_NEXT_SIGNING_KEY", "ORIGIN_SECRET"],
  ].map((name) => [name, "-".repeat(32)]),
);

/** A function with a wrong setting answers 500 to everything, and only its log says why: so the deployment says it. */
try {
  const given = { ...settings, ...(process.env.QSTASH_URL ? { QSTASH_URL: process.env.QSTASH_URL } : {}) };
  const places = {
    UPSTASH_REDIS_REST_URL: "https://-",
    PUBLIC_URL: "https://-",
    FIRST_BYTE_SECONDS: String(firstByteSeconds),
  };
  parseConfig({ ...standIns, ...places, ...given, ...Object.fromEntries(secrets) });
  listCalls(process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  throw new Error(`Nothing was deployed: these settings are wrong.\n${error.problems.join("\n")}`, { cause: error });
}
