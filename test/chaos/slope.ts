/** A straight line through points, by least squares. */
export interface Slope {
  /** How much it rises from the first point to the last. */
  readonly rise: number;
  /** How uncertain that is: one standard error. */
  readonly error: number;
}

/** At equal distances. Fewer than three points have no slope. */
export function slopeOf(values: readonly number[]): Slope {
  const last = values.length - 1;
  if (last < 2) return { rise: 0, error: 0 };
  const meanX = last / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
  const slope = values.reduce((sum, value, x) => sum + (x - meanX) * (value - meanY), 0) / spread;
  const rest = values.reduce((sum, value, x) => sum + (value - meanY - slope * (x - meanX)) ** 2, 0);
  return { rise: slope * last, error: Math.sqrt(rest / (last - 1) / spread) * last };
}

/** Whether it does not rise: by no more than what is allowed, or by what may be chance (two standard errors). */
export function isFlat({ rise, error }: Slope, allowed: number): boolean {
  return rise <= allowed || rise <= 2 * error;
}
