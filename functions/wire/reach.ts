import { BlockList, isIP } from "node:net";

/**
 * Whether the relay may connect to an IP address that a setting led it to. `allowsPrivate` opens loopback, private,
 * carrier-grade NAT and all other ranges that are not the public internet (RFC 6890); where clouds hand out a machine's own
 * credentials stays shut in any case. IPv4 inside IPv6 (mapped, NAT64) counts as that IPv4.
 */
export function isReachable(ip: string, allowsPrivate: boolean): boolean {
  const version = isIP(ip);
  if (version === 0) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  // A zone (`fe80::1%eth0`, RFC 4007) says which link, not which address.
  const isIn = (list: BlockList) => list.check(ip.replace(/%.*/, ""), family);
  if (isIn(metadata)) return false;
  return allowsPrivate || (isIn(given) && !isIn(special));
}

/** The host of a URL without the brackets of an IPv6 address; names as they are. */
export function hostOf(url: string): string {
  return (URL.parse(url)?.hostname ?? "").replace(/^\[|\]$/g, "");
}

/** What stands before an IPv4 address within IPv6: mapped (RFC 4291), NAT64 (RFC 6052) and a network's own NAT64 (RFC 8215). */
const before4 = ["::ffff:", "64:ff9b::", "64:ff9b:1::"];

function listOf(...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = "", bits] = range.split("/");
    const isV4 = isIP(net) === 4;
    list.addSubnet(net, Number(bits), isV4 ? "ipv4" : "ipv6");
    if (isV4) for (const start of before4) list.addSubnet(start + net, 96 + Number(bits), "ipv6");
  }
  return list;
}

/** Where the instances of AWS, Google, Azure, Oracle and Alibaba ask for their metadata: link-local and a few of their own. */
const metadata = listOf(
  ...["169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"],
  ...["fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"],
);

/** Of IPv6 only 2000::/3 is given out (RFC 4291 § 2.4). */
const given = listOf("0.0.0.0/0", "2000::/3");

/** What of it is not the public internet: IANA's registries of special-purpose addresses. */
const special = listOf(
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"],
  ...["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "64:ff9b:1::/48"],
);
