import { parseConfig } from "../../functions/config.ts";
import type { Env } from "../../functions/env.ts";
import { rollUp } from "../../functions/core/usage/rollup/rollup.ts";
import { openStore, type StoreOptions } from "../../functions/stores/index.ts";
import { testEnvironment } from "../environment.ts";

/**
 * A process that folds the usage log of a store until it is killed or has nothing left. Arguments: the store's options as
 * JSON. Writes a line when it begins, and the report when it is done.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as StoreOptions;
const store = await openStore(options, Date.now);
const env: Env = {
  store,
  dispatch: () => Promise.reject(new Error("The rollup asks nobody.")),
  now: Date.now,
  log: () => undefined,
  config: parseConfig({ ...testEnvironment, TIMEZONE_OFFSET: "0" }),
  after: () => undefined,
  isDraining: () => false,
};
process.stdout.write("begins\n");
const report = await rollUp(Number.POSITIVE_INFINITY, env);
process.stdout.write(`${JSON.stringify(report)}\n`);
await store.close();
