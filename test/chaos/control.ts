import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Loaded into the relay's process before its own code (`node --import`): lets the fault runs move its clock, make it fast, and look at its
 * memory, by messages. Nothing else of the process is changed.
 */
export type Order = { readonly aheadMs: number } | { readonly isMemoryAsked: true } | { readonly isDelayAsked: true };

let aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0);
const RealDate = Date;
/** How much faster than this machine's the clock goes. */
const speed = Number(process.env.CLOCK_SPEED ?? 1);
const startedAt = RealDate.now();

class MovedDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(MovedDate.now());
    else super(given[0]);
  }
  static override now(): number {
    return Math.floor(startedAt + (RealDate.now() - startedAt) * speed) + aheadMs;
  }
}

globalThis.Date = MovedDate as DateConstructor;

/** What happens by the minute keeps up with the clock; what is about one connection keeps this machine's pace. */
const realInterval = globalThis.setInterval;
const minuteMs = 60_000;
const scaled = (work: () => void, ms = 0) => realInterval(work, ms >= minuteMs ? ms / speed : ms);
if (speed !== 1) globalThis.setInterval = scaled as typeof setInterval;

process.on("message", (order: Order) => {
  if ("aheadMs" in order) aheadMs = order.aheadMs;
  else if ("isDelayAsked" in order) tellDelay();
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

const delay = monitorEventLoopDelay({ resolution: 1 });

/** The longest that the event loop stood still since this was asked before; the first time begins to look. */
function tellDelay(): void {
  process.send?.({ stillMs: delay.max / 1e6 });
  delay.reset();
  delay.enable();
}
