import { useEffect, useRef, useState } from "react";
import type { Drift, Limited } from "../../api/maintenance.ts";
import { checkDrift, listLimited } from "../../api/maintenance.ts";

export interface Found {
  readonly name: string;
  readonly drift: Drift;
}

export interface Checked {
  readonly isRunning: boolean;
  readonly done: number;
  /** Undefined while the keys are being listed. */
  readonly total: number | undefined;
  /** Keys whose meters are off, and those that were just set right. */
  readonly found: readonly Found[];
  readonly error?: unknown;
}

const atOnce = 4;

/** A check of one key or of all that have limits, a few at once; it stops when told, or when one leaves the page. */
export function useCheck() {
  const [checked, setChecked] = useState<Checked>();
  const run = useRef(0);
  const stop = () => {
    run.current += 1;
    setChecked((now) => now && { ...now, isRunning: false });
  };
  useEffect(() => () => void (run.current += 1), []);
  const start = async (only: Limited | undefined) => {
    const mine = (run.current += 1);
    const isOver = () => mine !== run.current;
    const move = (change: (now: Checked) => Partial<Checked>) => {
      if (!isOver()) setChecked((now) => now && { ...now, ...change(now) });
    };
    setChecked({ isRunning: true, done: 0, total: undefined, found: [] });
    try {
      const keys = only === undefined ? await listLimited() : [only];
      move(() => ({ total: keys.length }));
      const waiting = [...keys];
      const work = async () => {
        for (let key = waiting.shift(); key && !isOver(); key = waiting.shift()) {
          const found = { name: key.name, drift: await checkDrift(key.id) };
          move(({ done, found: all }) => ({ done: done + 1, found: found.drift.isOff ? [...all, found] : all }));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      move(() => ({ isRunning: false }));
    } catch (error) {
      move(() => ({ isRunning: false, error }));
      run.current += 1;
    }
  };
  const replace = (drift: Drift) =>
    setChecked(
      (now) =>
        now && {
          ...now,
          found: now.found.map((each) => (each.drift.key === drift.key ? { ...each, drift } : each)),
        },
    );
  return { checked, start, stop, replace };
}
