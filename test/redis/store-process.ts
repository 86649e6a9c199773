import { openStore, type StoreOptions } from "../../functions/stores/index.ts";

/**
 * A second process with its own store. Arguments: the store's options as JSON, what to do, and how often.
 * `count` adds one to cell 0 of the row "shared" so many times and prints the totals as JSON.
 * `settle` counts and appends as a call's admission and end do, so many times in one turn, and is killed before that turn is over.
 * `append` appends "0", "1", … to the log "endless" and prints each number once it is promised, until it is killed.
 */
const [optionsText = "{}", task, times = "0"] = process.argv.slice(2);

try {
  const store = await openStore(JSON.parse(optionsText) as StoreOptions, Date.now);
  if (task === "append") {
    for (let index = 0; ; index += 1) {
      await store.append("endless", String(index));
      process.stdout.write(`${index}\n`);
    }
  }
  if (task === "settle") {
    for (let index = 0; index < Number(times); index += 1) {
      store.count([{ row: "settled", steps: [{ cell: 1, by: 1 }] }]).catch(() => undefined);
      store.countLater([{ row: "settled", steps: [{ cell: 0, by: 1 }] }]).catch(() => undefined);
      store.append("settled", String(index)).catch(() => undefined);
    }
    process.kill(process.pid, "SIGKILL");
  }
  const totals: number[] = [];
  for (let index = 0; index < Number(times); index += 1) {
    const [row] = await store.count([{ row: "shared", steps: [{ cell: 0, by: 1 }] }]);
    totals.push(row?.[0] ?? NaN);
  }
  await store.close();
  process.stdout.write(JSON.stringify(totals));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
