import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingNames } from "../../functions/config.ts";
import { names } from "../../infra/settings.ts";
import { root } from "./platform.ts";

/** What has no meaning on Lambda, or is made by the deployment itself. */
const elsewhere = [
  ...["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_DB", "REDIS_ENABLE_TLS", "DATA_DIR"],
  ...["PORT", "HOST", "NODE_ENV", "TRUST_PROXY", "PUBLIC_URL", "QSTASH_URL"],
  ...["FIRST_BYTE_SECONDS", "ALLOW_HTTP_CONSOLE", "KEEP_ALIVE_MINUTES"],
  // A function has one call at a time, and its whole body (6 MB at most) before it starts.
  ...["BODY_MAX_SECONDS", "BODY_MIN_KB_PER_SECOND", "BODIES_MAX_MB", "READER_MAX_STALL_SECONDS"],
  ...["KEY_MAX_CALLS", "KEY_MAX_SOCKETS"],
];

test("every setting of the relay can be deployed: as a variable, or as a secret, and none as both", () => {
  const text = readFileSync(join(root, "infra/secrets.ts"), "utf8");
  const secrets = [...text.matchAll(/"([A-Z][a-z]\w+)"/g)].map(([, name = ""]) =>
    name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase(),
  );
  const deployed = [...names, ...secrets, ...elsewhere];
  expect(settingNames.filter((name) => !deployed.includes(name))).toEqual([]);
  expect(new Set(deployed).size).toBe(deployed.length);
});
