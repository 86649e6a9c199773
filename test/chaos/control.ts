/**
 * Loaded into the relay's process before its own code (`node --import`): lets the fault runs move its clock and look at its
 * memory, by messages. Nothing else of the process is changed.
 */
export type Order = { readonly aheadMs: number } | { readonly isMemoryAsked: true };

let aheadMs = 0;
const RealDate = Date;

class MovedDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(MovedDate.now());
    else super(given[0]);
  }
  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}

globalThis.Date = MovedDate as DateConstructor;

process.on("message", (order: Order) => {
  if ("aheadMs" in order) aheadMs = order.aheadMs;
  else tellMemory();
});
// The channel alone keeps no process alive, and whoever started it may be gone.
process.channel?.unref();
process.on("disconnect", () => undefined);

function tellMemory(): void {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heldMb: (heapUsed + external) / 2 ** 20 });
}
