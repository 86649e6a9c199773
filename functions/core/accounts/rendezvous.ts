/**
 * Weighted rendezvous hashing (highest random weight, logarithmic method): which members of a set a session belongs to, the
 * same on every machine with nothing stored, and a change of one member moves only its own sessions.
 */

/** How high a member stands for a session; `ownSeed` and `seed` are hashes of what names them. */
export function scoreOf(ownSeed: number, weight: number, seed: number): number {
  return -Math.max(weight, 0.001) / Math.log((mix(seed ^ ownSeed) + 0.5) / 4_294_967_296);
}

/**
 * The places of the `most` highest among members of one weight, highest first. Of those the hash alone tells the order, so
 * that a thousand members cost a few microseconds.
 */
export function findHighest(ownSeeds: Uint32Array, seed: number, most: number): number[] {
  const places: number[] = [];
  const heights: number[] = [];
  let least = -1;
  for (let place = 0; place < ownSeeds.length; place++) {
    const height = mix(seed ^ (ownSeeds[place] ?? 0));
    if (height <= least) continue;
    let at = Math.min(places.length, most - 1);
    for (; at > 0 && (heights[at - 1] ?? 0) < height; at--) {
      places[at] = places[at - 1] ?? 0;
      heights[at] = heights[at - 1] ?? 0;
    }
    places[at] = place;
    heights[at] = height;
    if (places.length === most) least = heights[most - 1] ?? -1;
  }
  return places;
}

/** FNV-1a, 32 bit: even enough for spreading sessions, and the same on every machine. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** The finalizer of MurmurHash3. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
