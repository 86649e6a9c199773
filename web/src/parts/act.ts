import { useState } from "react";
import type { Progress, Undo } from "./tell.tsx";
import { useTell } from "./tell.tsx";

/** Runs an action once at a time: knows whether it runs, and tells in the corner how far it is and how it ended. Answers whether it was done. */
export function useAct() {
  const [isBusy, setBusy] = useState(false);
  const tell = useTell();
  const act = async (work: (tell: Progress) => Promise<unknown>, done?: string, undo?: Undo): Promise<boolean> => {
    setBusy(true);
    const progress = tell.progress();
    try {
      await work(progress.tell);
      if (done) tell.done(done, undo);
      return true;
    } catch (error) {
      tell.failed(error);
      return false;
    } finally {
      progress.end();
      setBusy(false);
    }
  };
  return { act, isBusy };
}
