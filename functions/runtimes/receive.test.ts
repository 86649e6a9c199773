import { describe, expect, test } from "vitest";
import { testEnvironment } from "../../test/environment.ts";
import { ConfigError, parseConfig } from "../config.ts";
import { buildProxyTrust, callerAddress } from "./receive.ts";
import { cleanPath } from "./target-path.ts";

const trustOf = (TRUST_PROXY: string | undefined) => buildProxyTrust(parseConfig({ ...testEnvironment, TRUST_PROXY }));

describe("the caller's address", () => {
  test.each([
    ["no proxy is trusted: the socket's", undefined, "198.51.100.1", "6.6.6.6", "198.51.100.1"],
    ["the same by its name", "false", "198.51.100.1", "6.6.6.6", "198.51.100.1"],
    ["IPv4 within IPv6 is IPv4", undefined, "::ffff:198.51.100.1", undefined, "198.51.100.1"],
    ["what the one proxy appended", "true", "10.0.0.2", "203.0.113.9", "203.0.113.9"],
    ["not what the caller wrote before it", "true", "10.0.0.2", "6.6.6.6, 203.0.113.9", "203.0.113.9"],
    ["a caller in a private network is a caller", "true", "10.0.0.2", "6.6.6.6, 192.168.7.7", "192.168.7.7"],
    ["nor in a carrier's network", "1", "10.0.0.2", "203.0.113.9, 100.64.3.3", "100.64.3.3"],
    ["two proxies: the second hop", "2", "10.0.0.2", "6.6.6.6, 203.0.113.9, 104.22.17.40", "203.0.113.9"],
    ["more proxies than hops: the first of them", "3", "10.0.0.2", "203.0.113.9", "203.0.113.9"],
    ["no header: the proxy itself called", "2", "10.0.0.2", undefined, "10.0.0.2"],
    [
      "a list: the first hop that is none of it",
      "10.0.0.0/8",
      "10.0.0.2",
      "6.6.6.6, 172.16.5.5, 10.1.1.1",
      "172.16.5.5",
    ],
    ["a list, the caller came around the proxy", "10.0.0.0/8", "192.168.7.7", "6.6.6.6", "192.168.7.7"],
    [
      "a list of several, in both families",
      "127.0.0.1, 2001:db8::/32",
      "::ffff:127.0.0.1",
      "fd00::1,2001:db8::7",
      "fd00::1",
    ],
    ["an empty entry is none", "true", "10.0.0.2", "203.0.113.9, ,", "203.0.113.9"],
    ["what is no address tells nothing", "true", "10.0.0.2", "203.0.113.9, unknown", "10.0.0.2"],
    ["ports and brackets are no part of it", "true", "::1", "203.0.113.9:4711", "203.0.113.9"],
    ["brackets", "true", "::1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["an empty header is as good as none", "true", "10.0.0.2", " , ", "10.0.0.2"],
    ["a gone socket", undefined, undefined, undefined, ""],
  ])("%s", (_what, setting, socket, forwarded, expected) => {
    expect(callerAddress(socket, forwarded, trustOf(setting))).toBe(expected);
  });

  test.each(["maybe", "-1", "1.5", "100", "10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "10.0.0.1;10.0.0.2", "*"])(
    "TRUST_PROXY=%s is refused with the forms that there are",
    (setting) => {
      expect(() => trustOf(setting)).toThrow(ConfigError);
      expect(() => trustOf(setting)).toThrow(/TRUST_PROXY must be true \(one proxy\), the number of proxies, or their/);
    },
  );
});

test.each([
  ["/api//v1/messages", "/api/v1/messages"],
  ["/api/v1/messages/", "/api/v1/messages"],
  ["/api/v1/v1/messages", "/api/v1/messages"],
  ["/openai/v1/v1/chat/completions/", "/openai/v1/chat/completions"],
  ["/gemini/v1beta/v1beta/models/m:generateContent", "/gemini/v1beta/models/m:generateContent"],
  ["/web/", "/web/"],
  ["/admin/v1/v2/x", "/admin/v1/v2/x"],
])("the path %s is %s", (raw, path) => {
  expect(cleanPath(raw)).toBe(path);
});
