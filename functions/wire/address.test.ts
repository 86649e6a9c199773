import { expect, test } from "vitest";
import { isInRanges, networkOf } from "./address.ts";

test.each([
  ["203.0.113.7", "203.0.113.0/24", true],
  ["203.0.114.7", "203.0.113.0/24", false],
  ["203.0.113.7", "203.0.113.7", true],
  ["203.0.113.8", "203.0.113.7/31", false],
  ["203.0.113.7", "0.0.0.0/0", true],
  ["2001:db8::1", "0.0.0.0/0", false],
  ["2001:DB8:0:0::1", "2001:db8::/32", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["fe80::1%eth0", "fe80::/10", true],
  // One address in three spellings: a socket that listens on IPv6 names IPv4 callers so.
  ["::ffff:203.0.113.7", "203.0.113.0/24", true],
  ["::ffff:cb00:7107", "203.0.113.0/24", true],
  ["203.0.113.7", "::ffff:203.0.113.0/120", true],
  ["::ffff:203.0.114.7", "203.0.113.0/24", false],
  // What a proxy may have written instead of an address.
  ["unknown", "0.0.0.0/0", false],
  ["", "::/0", false],
  ["0203.0.113.7", "203.0.113.7", false],
])("%j lies in %s: %s", (ip, range, isInside) => {
  expect(isInRanges(ip, [range])).toBe(isInside);
  expect(isInRanges(ip, ["192.0.2.1", range])).toBe(isInside);
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::6", "2001:db8:1:2::/64"],
  ["2001:db8::6", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("the network of %s is %s", (ip, network) => expect(networkOf(ip)).toBe(network));
