import { BlockList, isIP } from "node:net";

const lists = new Map<string, BlockList>();

/** Whether an address lies in one of the ranges (`10.0.0.0/8`, `2001:db8::/32`, or a single address). Mapped IPv4 counts as IPv4. */
export function isInRanges(ip: string, ranges: readonly string[]): boolean {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, "");
  const version = isIP(address);
  if (version === 0) return false;
  return listOf(ranges).check(address, version === 6 ? "ipv6" : "ipv4");
}

function listOf(ranges: readonly string[]): BlockList {
  const name = ranges.join(" ");
  const found = lists.get(name);
  if (found) return found;
  const made = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const version = isIP(address);
    if (version === 0) continue;
    const family = version === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) made.addAddress(address, family);
    else made.addSubnet(address, Number(bits), family);
  }
  if (lists.size > 1_000) lists.clear();
  lists.set(name, made);
  return made;
}
