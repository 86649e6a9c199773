const kept = "relay-shortcuts";

/** Keys without a modifier can be turned off, for whoever speaks to the browser instead of typing (WCAG 2.1.4). */
export const areLettersOn = (): boolean => localStorage.getItem(kept) !== "off";

export function turnLetters(on: boolean): void {
  if (on) localStorage.removeItem(kept);
  else localStorage.setItem(kept, "off");
}
