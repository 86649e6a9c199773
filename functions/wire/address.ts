import { BlockList, isIP } from "node:net";
import { memoize } from "./maps.ts";

/** Whether an address lies in one of the ranges (`10.0.0.0/8`, `2001:db8::/32`, or a single address). Mapped IPv4 counts as IPv4. */
export function isInRanges(ip: string, ranges: readonly string[]): boolean {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, "");
  const version = isIP(address);
  if (version === 0) return false;
  return listOf(ranges.join(" ")).check(address, version === 6 ? "ipv6" : "ipv4");
}

const readRanges = (ranges: string): BlockList => {
  const made = new BlockList();
  for (const range of ranges.split(" ")) {
    const [address = "", bits] = range.split("/");
    const version = isIP(address);
    if (version === 0) continue;
    const family = version === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) made.addAddress(address, family);
    else made.addSubnet(address, Number(bits), family);
  }
  return made;
};
const listOf = memoize(1_000, readRanges, Infinity);

/** The network that one person has: a v4 address, or the first 64 bits of a v6 one. */
export function networkOf(ip: string): string {
  const written = URL.parse(`http://[${ip}]/`)?.hostname.slice(1, -1);
  if (written === undefined) return ip;
  const [head = "", tail] = written.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right];
  const isMapped = groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff";
  if (!isMapped) return `${groups.slice(0, 4).join(":")}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number(`0x${group}`) >> 8, Number(`0x${group}`) & 255])
    .join(".");
}
