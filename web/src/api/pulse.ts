import { useSyncExternalStore } from "react";

/** Somebody who has not touched the page for this long is not looking at it. */
const idleMs = 120_000;
let lastTouchAt = Date.now();
let isAwake = true;
const listeners = new Set<() => void>();

function judge(): void {
  const next = document.visibilityState === "visible" && Date.now() - lastTouchAt < idleMs;
  if (next === isAwake) return;
  isAwake = next;
  for (const listener of listeners) listener();
}

function touch(): void {
  lastTouchAt = Date.now();
  if (!isAwake) judge();
}

for (const event of ["pointermove", "pointerdown", "keydown", "scroll", "focus"])
  window.addEventListener(event, touch, { passive: true });
document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? touch() : judge()));
setInterval(judge, 10_000);

function useAwake(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isAwake,
  );
}

/** A polling interval that stops while the page is hidden or nobody has touched it for two minutes: each poll costs the store a command. */
export function usePulse(ms: number): number | false {
  return useAwake() ? ms : false;
}
