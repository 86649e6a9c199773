import { describe, expect, test } from "vitest";
import { endpoints } from "../routes.ts";
import { loadEndpoint } from "./endpoint-files.ts";

describe("the server's endpoints", () => {
  test.each(Object.keys(endpoints))("%s of routes.ts has a file that can handle", async (name) => {
    expect(await loadEndpoint(name)).toMatchObject({ handle: expect.any(Function) });
  });

  test.each(["relay/none", "constructor", "__proto__", ""])("%s is none", async (name) => {
    await expect(loadEndpoint(name)).rejects.toMatchObject({ code: "internal" });
  });
});
