import { expect, test } from "vitest";
import { redact } from "./redact.ts";

const hex = "0123456789abcdef0123456789abcdef";

test.each([
  ["Incorrect API key provided: sk-proj-abc_DEF-123456789.", "Incorrect API key provided: sk-pro…"],
  [`invalid key ${hex}`, "invalid key 012345…"],
  ["bad AIzaSyA-12345678901234567890 here", "bad AIzaSy… here"],
  ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln refused", "token eyJhbG… refused"],
  ["Authorization: Bearer opaque-1234", "Authorization: Bearer…"],
  ["AKIAIOSFODNN7EXAMPLE is not valid", "AKIAIO… is not valid"],
])("of %j no secret is left", (words, left) => {
  expect(redact(words)).toBe(left);
});

test("what was sent is cut whatever it looks like, also as a URL writes it", () => {
  expect(redact("the code ab/cd/ef/gh and ab%2Fcd%2Fef%2Fgh are spent", ["ab/cd/ef/gh", "the"])).toBe(
    "the code ab/cd/… and ab%2Fc… are spent",
  );
});

test.each([
  "claude-sonnet-4-5-20250929 is overloaded (req_011CSHoEeqs5C35K2UUqR7Fy)",
  "Rate limit reached for gpt-5-mini in organization org-AbCdEf123 on tokens per min (TPM): Limit 200000",
  "9d1c250a-e61b-44d9-88ed-5944d1962f5e: https://api.example.com/v1/messages?beta=true",
])("%j is left as it is: names, ids and addresses help", (words) => {
  expect(redact(words)).toBe(words);
});
