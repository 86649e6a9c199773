import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Whether the relay may connect to an IP address that a setting led it to. `allowsPrivate` opens loopback, private,
 * carrier-grade NAT and all other ranges that are not the public internet (RFC 6890); where clouds hand out a machine's own
 * credentials stays shut in any case. IPv4 inside IPv6 (mapped, NAT64) counts as that IPv4.
 */
export function isReachable(ip: string, allowsPrivate: boolean): boolean {
  if (isIP(ip) === 0) return false;
  const address = unwrap(ipaddr.process(ip));
  if (isMetadata(address)) return false;
  return allowsPrivate || isPublic(address);
}

/** The host of a URL without the brackets of an IPv6 address; names as they are. */
export function hostOf(url: string): string {
  return (URL.parse(url)?.hostname ?? "").replace(/^\[|\]$/g, "");
}

/** NAT64 (RFC 6052): a network without IPv4 reaches one through its last 32 bits. */
function unwrap(address: Address): Address {
  if (address.kind() !== "ipv6" || address.range() !== "rfc6052") return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** Where the instances of AWS, Google, Azure, Oracle and Alibaba ask for their metadata, beside the link-local range. */
const metadata = new Set(["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"]);

function isMetadata(address: Address): boolean {
  return address.range() === "linkLocal" || metadata.has(address.toString());
}

/** Of IPv6 only 2000::/3 is given out (RFC 4291 § 2.4); the library calls what has no special meaning `unicast`. */
function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}
