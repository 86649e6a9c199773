import { ConfigError, parseConfig, storeKind, type Config, type Environment } from "../../functions/config.ts";
import { listCalls } from "../../functions/operations/jobs/schedules.ts";
import { completeSecrets } from "../../functions/runtimes/node/secrets.ts";
import { bad, ok, warn, type Finding } from "./finding.ts";

export interface Settings {
  /** Undefined if the relay would not start. */
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
}

const freeCallsADay = 1_000;

/** The environment as the relay would read it at its start, and what it would accept all the same but should not have. */
export function checkSettings(environment: Environment): Settings {
  try {
    const complete = completeSecrets(environment).environment;
    const config = parseConfig(complete);
    const found = [...checkSecrets(config), ...checkPlaces(config, environment), ...checkSchedules(config, complete)];
    const isWell = found.every(({ state }) => state === "ok");
    return { config, findings: isWell ? [ok("settings", "every value is one that the relay starts with")] : found };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem) =>
      bad("settings", problem, "fix this setting, then start the relay again"),
    );
    return { config: undefined, findings };
  }
}

const common =
  /^(password|passw0rd|admin|claude|relay|letmein|welcome|qwerty|changeme|secret|test|demo|root|\d+)[\d!@#.]*$/i;

function checkSecrets({
  JWT_SECRET,
  ENCRYPTION_KEY,
  ADMIN_USERNAME,
  ADMIN_PASSWORD,
  METRICS_TOKEN,
}: Config): Finding[] {
  const findings: Finding[] = [];
  const random = { JWT_SECRET: "openssl rand -hex 64", ENCRYPTION_KEY: "openssl rand -hex 32" };
  for (const [name, value] of Object.entries({ JWT_SECRET, ENCRYPTION_KEY })) {
    if (new Set(value).size < 8)
      findings.push(bad("secrets", `${name} is no random value`, `make one: ${random[name as "JWT_SECRET"]}`));
  }
  const named = { JWT_SECRET, ENCRYPTION_KEY, ADMIN_PASSWORD, METRICS_TOKEN };
  const values = Object.entries(named).filter(([, value]) => value !== undefined);
  for (const [index, [name, value]] of values.entries()) {
    const same = values.slice(index + 1).find(([, other]) => other === value);
    if (same) findings.push(bad("secrets", `${name} and ${same[0]} are the same`, "give each its own random value"));
  }
  if (common.test(ADMIN_PASSWORD) || ADMIN_PASSWORD.toLowerCase().includes(ADMIN_USERNAME.toLowerCase()))
    findings.push(bad("secrets", "ADMIN_PASSWORD is easily guessed", "make one: openssl rand -base64 18"));
  return findings;
}

function checkPlaces(config: Config, environment: Environment): Finding[] {
  const findings: Finding[] = [];
  if (config.ADMIN_PASSWORD_RESET)
    findings.push(
      warn(
        "settings",
        "ADMIN_PASSWORD_RESET is on: no password can be changed in the console",
        "take it out once you are signed in",
      ),
    );
  if (config.ENCRYPTION_KEY_PREVIOUS !== undefined && config.ENCRYPTION_KEY_PREVIOUS === config.ENCRYPTION_KEY)
    findings.push(
      bad("settings", "ENCRYPTION_KEY_PREVIOUS is the present key", "put the former key there, or take it out"),
    );
  if (config.ALLOW_HTTP_CONSOLE)
    findings.push(
      warn(
        "settings",
        "ALLOW_HTTP_CONSOLE is on: whoever listens in between can take over the console",
        "open the console by https, and take it out",
      ),
    );
  if (environment.RENDER === "true" && storeKind(config) === "embedded")
    findings.push(
      bad(
        "settings",
        "Render empties DATA_DIR at every restart: keys and accounts would be lost",
        "set REDIS_HOST and REDIS_PASSWORD, or add a disk at DATA_DIR",
      ),
    );
  const isOwn = config.PUBLIC_URL === undefined || new URL(config.PUBLIC_URL).pathname === "/";
  if (!isOwn)
    findings.push(
      bad(
        "settings",
        `PUBLIC_URL has a path (it is "${config.PUBLIC_URL}")`,
        "name the address alone: the paths are the relay's own",
      ),
    );
  if (config.TRUST_PROXY !== 0 && environment.RENDER !== "true" && config.PUBLIC_URL === undefined)
    findings.push(
      warn(
        "settings",
        "TRUST_PROXY is on, and PUBLIC_URL does not say where the proxy is",
        "set PUBLIC_URL, so that the doctor can look through it",
      ),
    );
  return findings;
}

function checkSchedules(config: Config, environment: Environment): Finding[] {
  if (config.QSTASH_TOKEN === undefined) return [];
  const day = 1_440;
  const perDay = listCalls(environment).reduce((sum, { cron }) => {
    const [minute = "", hour = ""] = cron.split(" ");
    const step = (field: string, whole: number) =>
      field === "*" ? whole : whole / Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? whole);
    return sum + (hour === "*" ? step(minute, 60) * 24 : step(hour, 24));
  }, 0);
  if (perDay <= freeCallsADay) return [];
  return [
    warn(
      "qstash",
      `${perDay} calls a day (${day} minutes), and QStash's free plan has ${freeCallsADay}`,
      "raise TOKEN_REFRESH_INTERVAL or RATE_LIMIT_CLEANUP_INTERVAL to 30",
    ),
  ];
}
