import { describe, expect, test } from "vitest";
import { routes } from "../../functions/routes.ts";
import { buildMounts } from "../../infra/mounts.ts";
import { sampleRequests } from "./requests.ts";

const mounts = buildMounts();
const find = (request: string) => mounts.find(({ expression }) => new RegExp(expression).test(request))?.endpoint;

describe("the router's half of the table", () => {
  test("names the endpoint of every route, by every method", () => {
    const requests = sampleRequests();
    expect(requests.length).toBeGreaterThan(routes.length);
    const wrong = requests.filter(({ method, path, endpoint }) => find(method + path) !== endpoint);
    expect(wrong).toEqual([]);
  });

  test("fits no request into two endpoints, so that the order of its rows says nothing", () => {
    const fitting = (request: string) => {
      return new Set(
        mounts.filter(({ expression }) => new RegExp(expression).test(request)).map(({ endpoint }) => endpoint),
      );
    };
    expect(sampleRequests().filter(({ method, path }) => fitting(method + path).size !== 1)).toEqual([]);
  });

  test.each([
    "GET/v1/messagesX",
    "GET/v1",
    "POST/admin/keysX",
    "GET/unknown",
    "GET/v1/messages/",
    "POST/x/v1/messages",
  ])("leaves %s to nobody", (request) => expect(find(request)).toBeUndefined());

  test("tells apart what only the method tells apart", () => {
    expect(find("GET/v1/models/some-model")).toBe("relay/models");
    expect(find("POST/v1/models/some-model:generateContent")).toBe("relay/gemini");
  });
});
