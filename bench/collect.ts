import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Loaded into the servers that are measured: asked by a message they collect their garbage and tell what is in use, in bytes.
 * The resident memory of a process that was busy before says little, since V8 keeps room for as much as it needed then.
 */
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
process.on("message", () => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
