import { expect, test } from "vitest";
import { parseConfig } from "../config.ts";
import { json } from "../wire/exchange.ts";
import { answerPreflight, shareAnswer } from "./cors.ts";
import { testEnvironment } from "../../test/environment.ts";

const origin = "https://app.example.com";
const asked = (headers: Record<string, string> = {}, path = "/v1/models", method = "GET") => ({
  method,
  path,
  headers,
});
const preflight = { origin, "access-control-request-method": "POST" };
const read = (value?: string) =>
  parseConfig({ ...testEnvironment, ...(value === undefined ? {} : { CORS_ORIGINS: value }) }).CORS_ORIGINS;

test("nothing is shared unless the setting names an origin", () => {
  expect(read()).toBeUndefined();
  expect(answerPreflight(asked(preflight, "/v1/responses", "OPTIONS"), undefined)).toBeUndefined();
  const answer = json(200, {});
  expect(shareAnswer(answer, asked({ origin }), undefined)).toBe(answer);
  expect(shareAnswer(answer, asked(), ["*"])).toBe(answer);
});

test("names of origins are read as browsers write them, and what is none is refused", () => {
  expect(read(` ${origin} , HTTP://LOCALHOST:5173,*`)).toEqual([origin, "http://localhost:5173", "*"]);
  for (const wrong of ["app.example.com", `${origin}/`, `${origin}/page`, "https://*.example.com", "null", ","])
    expect(() => read(wrong)).toThrow(/CORS_ORIGINS must be origins/);
});

test("an OPTIONS that is no preflight, an unknown route and another method stay what they are", () => {
  expect(answerPreflight(asked({ origin }, "/v1/responses", "OPTIONS"), ["*"])).toBeUndefined();
  expect(answerPreflight(asked(preflight, "/v1/nothing", "OPTIONS"), ["*"])).toBeUndefined();
  const wanted = { ...preflight, "access-control-request-method": "PATCH" };
  expect(answerPreflight(asked(wanted, "/v1/responses", "OPTIONS"), ["*"])).toBeUndefined();
});

test("an answer's own headers stay, and caches tell origins apart", () => {
  const { headers } = shareAnswer(json(429, {}, { "retry-after": "3" }), asked({ origin }), [origin]);
  expect(headers).toMatchObject({ "retry-after": "3", "access-control-allow-origin": origin, vary: "origin" });
  expect(shareAnswer(json(200, {}), asked({ origin: "null" }), ["*"]).headers).toMatchObject({
    "access-control-allow-origin": "*",
  });
});
