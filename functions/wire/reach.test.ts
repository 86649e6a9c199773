import { describe, expect, test } from "vitest";
import { hostOf, isReachable } from "./reach.ts";

const open = ["8.8.8.8", "160.79.104.10", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"];
const inside = [
  ...["127.0.0.1", "127.8.9.1", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...["100.64.0.1", "100.127.255.254", "192.0.0.8", "198.18.0.7", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
  ...["::", "::1", "fc00::1", "fdab::1", "fec0::1", "ff02::1", "100::1", "2001:db8::1", "::7f00:1"],
  ...["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1"],
  ...["64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1"],
];
const metadata = [
  ...["169.254.169.254", "169.254.170.2", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "fd00:ec2::254"],
  ...["fd00:0ec2:0::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
];

describe("the relay's reach", () => {
  test.each(open)("holds %s", (ip) => {
    expect([isReachable(ip, false), isReachable(ip, true)]).toEqual([true, true]);
  });
  test.each(inside)("holds %s only if private addresses are allowed", (ip) => {
    expect([isReachable(ip, false), isReachable(ip, true)]).toEqual([false, true]);
  });
  test.each(metadata)("never holds %s, where machines get their credentials", (ip) => {
    expect([isReachable(ip, false), isReachable(ip, true)]).toEqual([false, false]);
  });
  test.each(["", "localhost", "1.2.3", "0x7f.1", "::g"])("holds no %j, which is no address", (ip) => {
    expect(isReachable(ip, true)).toBe(false);
  });
});

test("a URL's host is read as the connection will read it", () => {
  expect(hostOf("http://2130706433/v1")).toBe("127.0.0.1");
  expect(hostOf("http://0x7f.1:8080")).toBe("127.0.0.1");
  expect(hostOf("https://[::FFFF:127.0.0.1]/")).toBe("::ffff:7f00:1");
  expect(hostOf("socks5://name:word@proxy.example:1080")).toBe("proxy.example");
  expect(hostOf("no url")).toBe("");
});
