import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";

interface Question {
  readonly title: string;
  readonly body: ReactNode;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** What must be typed before it can be confirmed, for what cannot be undone. */
  readonly typed?: string;
}

export interface Asked extends Question {
  answer(yes: boolean): void;
}

let asked: Asked | undefined;
const listeners = new Set<() => void>();

function move(next: Asked | undefined): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Asks before something dangerous; resolves with the answer. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) =>
    move({
      ...question,
      answer(yes) {
        move(undefined);
        resolve(yes);
      },
    }),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is being asked now. */
export const useQuestion = () => useSyncExternalStore(subscribe, () => asked);
