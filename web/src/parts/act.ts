import { useState } from "react";
import type { Undo } from "./tell.tsx";
import { useTell } from "./tell.tsx";

/** Runs an action once at a time: knows whether it runs, and tells in the corner how it ended. Answers whether it was done. */
export function useAct() {
  const [isBusy, setBusy] = useState(false);
  const tell = useTell();
  const act = async (work: () => Promise<unknown>, done?: string, undo?: Undo): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      if (done) tell.done(done, undo);
      return true;
    } catch (error) {
      tell.failed(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { act, isBusy };
}
