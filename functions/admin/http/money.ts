const decimals = 9;
/** Below a million dollars a price with nine decimals has at most 15 digits, which a JSON number carries exactly. */
export const mostUsd = 1_000_000;

/**
 * US dollars (as JSON carries them) to billionths, by the digits: no multiplication of floats, so 0.07 is 70,000,000 exactly.
 * Undefined if the number is negative, not finite, a million or more, or has more than nine decimals.
 */
export function nanosOfUsd(usd: number): number | undefined {
  if (!(usd >= 0 && usd < mostUsd)) return undefined;
  const [mantissa = "", exponent = "0"] = String(usd).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const shift = decimals + Number(exponent) - fraction.length;
  return shift < 0 ? undefined : Number(`${whole}${fraction}${"0".repeat(shift)}`);
}

/** Billionths of a dollar to the JSON number that reads as exactly that many dollars. */
export function usdOfNanos(nanos: number): number {
  const digits = String(nanos).padStart(decimals + 1, "0");
  return Number(`${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`);
}
