import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { areLettersOn } from "../parts/letters.ts";

/** A letter after `g` goes to a place. */
export const goTo = {
  d: { name: "dashboard", path: "/" },
  a: { name: "accounts", path: "/accounts" },
  k: { name: "keys", path: "/keys" },
  r: { name: "requests", path: "/requests" },
  s: { name: "settings", path: "/settings" },
} as const;

interface Deeds {
  readonly find: () => void;
  readonly help: () => void;
}

/** What the keyboard does everywhere: Ctrl or ⌘ and K finds; letters go, search and create, unless something is being typed. */
export function useShortcuts({ find, help }: Deeds): void {
  const [, go] = useLocation();
  const held = useRef({ at: 0 });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k")
        return done(event, find);
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target) || !areLettersOn()) return;
      const isAfterG = event.timeStamp - held.current.at < 3_000;
      held.current.at = event.key === "g" ? event.timeStamp : 0;
      const place = goTo[event.key as keyof typeof goTo] as { path: string } | undefined;
      if (isAfterG && place) return done(event, () => go(place.path));
      if (event.key === "/") return done(event, searchHere);
      if (event.key === "n") return done(event, () => go("/keys/new"));
      if (event.key === "?") return done(event, help);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [go, find, help]);
}

function done(event: KeyboardEvent, deed: () => void): void {
  event.preventDefault();
  deed();
}

/** Typed into a field, or a dialog is open. */
function isTaken(target: EventTarget | null): boolean {
  const isField = target instanceof Element && target.closest("input, textarea, select, [contenteditable='true']");
  return Boolean(isField) || document.querySelector("[role='dialog']") !== null;
}

function searchHere(): void {
  document
    .querySelector<HTMLInputElement>("#main input[type='search'], #main input[type='text'], #main input:not([type])")
    ?.focus();
}
