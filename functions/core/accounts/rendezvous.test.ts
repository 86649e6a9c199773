import { expect, test } from "vitest";
import { findHighest, hash, scoreOf } from "./rendezvous.ts";

test.each([1, 5, 20, 300])("the %d highest of one weight are those that the scores tell", (most) => {
  const ownSeeds = Uint32Array.from({ length: 250 }, (_, index) => hash(`account-${index}`));
  for (const seed of [0, 1, hash("key\nsession"), 0xffffffff]) {
    const byScore = [...ownSeeds.keys()].sort(
      (one, other) => scoreOf(ownSeeds[other] ?? 0, 3, seed) - scoreOf(ownSeeds[one] ?? 0, 3, seed),
    );
    expect(findHighest(ownSeeds, seed, most)).toEqual(byScore.slice(0, most));
  }
});
