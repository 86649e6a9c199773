import { pathToFileURL } from "node:url";
import { buildMachine, openConfiguredStore } from "../functions/runtimes/machine.ts";
import { completeSecrets } from "../functions/runtimes/node/secrets.ts";
import { ConfigError, parseConfig, type Environment } from "../functions/config.ts";
import { rotateKeys, type Rotation } from "../functions/operations/jobs/rotation.ts";

/**
 * `npm run rotate-key`: seals all stored secrets anew, from ENCRYPTION_KEY_PREVIOUS to ENCRYPTION_KEY, at once. A relay that
 * runs with both keys does the same by itself within its cleanup interval; this is for those who do not want to wait, and
 * tells when the previous key can be taken out. It may be run again and again, and while the relay runs.
 */
export async function rotate(environment: Environment, write: (line: string) => void): Promise<Rotation> {
  const config = parseConfig(completeSecrets(environment).environment);
  if (config.ENCRYPTION_KEY_PREVIOUS === undefined) {
    throw new ConfigError([
      "ENCRYPTION_KEY_PREVIOUS is missing; put the old ENCRYPTION_KEY there, and a new one into ENCRYPTION_KEY: openssl rand -hex 32",
    ]);
  }
  const store = await openConfiguredStore(config, Date.now);
  const dispatch = () => Promise.reject(new Error("A rotation asks no provider."));
  const parts = { config, store, dispatch, now: Date.now, write, isDraining: () => false };
  const { env, settled } = buildMachine(parts);
  try {
    return await rotateKeys(env);
  } finally {
    await settled();
    await store.close();
  }
}

async function main(): Promise<void> {
  try {
    const { resealed, current, unreadable } = await rotate(process.env, () => undefined);
    console.log(`${resealed} sealed anew, ${current} were already.`);
    for (const place of unreadable) console.log(`${place} opens with neither key: connect it anew in the console.`);
    console.log("ENCRYPTION_KEY_PREVIOUS can be taken out of the environment once every instance has the new key.");
    if (unreadable.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.problems.join("\n"));
    process.exitCode = ConfigError.exitCode;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
