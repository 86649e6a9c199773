import { describe, expect, test } from "vitest";
import { readPaste } from "./paste.ts";

const code = "ac_9Xk-2fLq_77ZpQ";
const state = "kJh3_st-4te";

describe("a pasted code is read from", () => {
  test.each([
    ["a bare code", code, undefined],
    ["code and state", `${code}#${state}`, state],
    ["code and state with blanks around", `  ${code}#${state}\n`, state],
    ["lines broken by a terminal", `${code.slice(0, 5)}\n  ${code.slice(5)}#${state}`, state],
    ["a callback URL", `https://platform.claude.com/oauth/code/callback?code=${code}&state=${state}`, state],
    [
      "a callback URL broken over lines",
      `https://platform.claude.com/oauth/code/\r\ncallback?code=${code}&sta\n te=${state}`,
      state,
    ],
    [
      "a callback URL with more parameters and a fragment",
      `http://localhost:1455/cb?x=1&code=${code}&state=${state}#done`,
      state,
    ],
    ["a callback URL that has it in the fragment", `http://localhost/cb#code=${code}&state=${state}`, state],
    ["a query alone", `?code=${code}&state=${state}`, state],
    ["a callback URL without its beginning", `localhost:1455/cb?code=${code}&state=${state}`, state],
  ])("%s", (_, pasted, expected) => expect(readPaste(pasted, "code")).toEqual({ code, state: expected }));
});

describe("a paste is refused, by field,", () => {
  test.each([
    ["if it is empty", "", "has no code in it"],
    ["if it is only a state", `#${state}`, "has no code in it"],
    ["if the URL has no code", "https://claude.ai/oauth/authorize?client_id=x", "has no code in it"],
    ["if it is prose", "<b>not a code</b>", "has no code in it"],
    [
      "with the provider's words",
      "http://localhost/cb?error=access_denied&error_description=User+said+no",
      "the provider refused: User said no",
    ],
  ])("%s", (_, pasted, words) => expect(() => readPaste(pasted, "callbackUrl")).toThrow(`callbackUrl: ${words}`));
});
