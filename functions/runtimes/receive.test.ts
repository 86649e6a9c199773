import { describe, expect, test } from "vitest";
import { callerAddress } from "./receive.ts";

describe("the caller's address", () => {
  test.each([
    ["no proxy is trusted: the socket's", "198.51.100.1", undefined, "198.51.100.1"],
    ["IPv4 within IPv6 is IPv4", "::ffff:198.51.100.1", undefined, "198.51.100.1"],
    ["what the proxy appended", "10.0.0.2", "203.0.113.9", "203.0.113.9"],
    ["not what the caller wrote before it", "10.0.0.2", "1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["private hops to the right are proxies", "10.0.0.2", "1.1.1.1, 203.0.113.9, 172.16.5.5, 127.0.0.1", "203.0.113.9"],
    ["a caller within the private network is the nearest hop", "10.0.0.2", "10.1.1.1, 192.168.7.7", "192.168.7.7"],
    ["IPv6", "::1", "2001:db8::7, fd00::1", "2001:db8::7"],
    ["ports and brackets are no part of it", "::1", "203.0.113.9:4711", "203.0.113.9"],
    ["brackets", "::1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["an empty header is as good as none", "10.0.0.2", " , ", "10.0.0.2"],
    ["a gone socket", undefined, undefined, ""],
  ])("%s", (_what, socket, forwarded, expected) => {
    expect(callerAddress(socket, forwarded)).toBe(expected);
  });
});
