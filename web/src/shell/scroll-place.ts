import { useEffect, useLayoutEffect } from "react";

const kept = new Map<string, number>();
let isBack = false;
window.addEventListener("popstate", () => (isBack = true));
if ("scrollRestoration" in history) history.scrollRestoration = "manual";

/** Going on begins a page at its top; going back brings it back to where one was. */
export function useScrollPlace(location: string): void {
  useLayoutEffect(() => {
    const top = isBack ? (kept.get(location) ?? 0) : 0;
    isBack = false;
    // The rows come with the next frame where the page's data is still held.
    window.scrollTo(0, top);
    const frame = requestAnimationFrame(() => window.scrollTo(0, top));
    return () => cancelAnimationFrame(frame);
  }, [location]);
  useEffect(() => {
    const keep = () => kept.set(location, window.scrollY);
    window.addEventListener("scroll", keep, { passive: true });
    return () => window.removeEventListener("scroll", keep);
  }, [location]);
}
