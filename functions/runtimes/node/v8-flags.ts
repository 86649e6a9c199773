import { setFlagsFromString } from "node:v8";

/**
 * Two habits of V8 that suit a program whose objects either die at once or stay, and not one that holds hundreds of calls for
 * as long as a model thinks. Together they cost a fifth of the streams a second (docs/decisions.md).
 */
const habits = [
  // Objects that outlive one collection of the young generation would be made in the old one from then on, though they die
  // with their call; there they keep others alive, until a full collection comes.
  "--no-allocation-site-pretenuring",
  // Machine code would be thrown away with the shapes it is made for, when a full collection comes while no call is under way.
  "--retain-maps-for-n-gc=1000",
  "--no-memory-reducer-favors-memory",
];

/** For the whole process; before the first call. */
export function tuneEngine(): void {
  habits.forEach(setFlagsFromString);
}
