import type { LambdaFunctionURLEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { testEnvironment } from "../../../test/environment.ts";
import { parseConfig } from "../../config.ts";
import { receiveEvent } from "./request.ts";

const eventWith = (headers: Record<string, string>) =>
  ({
    headers,
    ...{ rawPath: "/api", rawQueryString: "" },
    requestContext: { requestId: "r", http: { method: "GET", sourceIp: "64.252.0.1" } },
  }) as unknown as LambdaFunctionURLEvent;
const addressOf = (headers: Record<string, string>, more: object = {}) =>
  receiveEvent(eventWith(headers), parseConfig({ ...testEnvironment, ...more }), new AbortController().signal).ip;

describe("the caller's address on Lambda", () => {
  const behindRouter = { ORIGIN_SECRET: "proof" };

  test.each([
    ["what the router saw", { "x-relay-viewer": "198.51.100.9" }, "198.51.100.9"],
    ["IPv6 too", { "x-relay-viewer": "2001:db8::7" }, "2001:db8::7"],
    ["never the entry that the client wrote", { "x-forwarded-for": "10.0.0.1" }, "64.252.0.1"],
    ["nor a longer list", { "x-forwarded-for": "10.0.0.1, 198.51.100.9" }, "64.252.0.1"],
    ["whatever else claims it", { "x-relay-viewer": "198.51.100.9", "x-forwarded-for": "10.0.0.1" }, "198.51.100.9"],
  ] as const)("is %s", (_what, headers, expected) => expect(addressOf(headers, behindRouter)).toBe(expected));

  test("is the connection's where no router stands in front", () => {
    expect(addressOf({ "x-relay-viewer": "10.0.0.1", "x-forwarded-for": "10.0.0.1" })).toBe("64.252.0.1");
  });
});
