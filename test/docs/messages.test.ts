import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readPage, root } from "./pages.ts";
import { provokeAdmin } from "./provoke-admin.ts";
import { provokeRequests } from "./provoke-requests.ts";
import { provokeStarts } from "./provoke.ts";

/** What the process prints of a port or an address is provoked on a real process by functions/runtimes/node/main.test.ts. */
const ofTheProcess = [/^Port … is already in use/, /^HOST … is no address of this machine/];

const pages = ["guide", "docker", "troubleshooting"].flatMap((name) => [`docs/${name}.md`, `docs/${name}.zh.md`]);

/** Lines of a `text` block are what the relay prints; so is the first column of a table whose cells are whole sentences. */
function messagesOf(file: string): string[] {
  const { blocks, text } = readPage(file);
  const printed = blocks.filter(({ language }) => language === "text").flatMap((block) => block.text.split("\n"));
  const tabled = [...text.matchAll(/^\| `([A-Z][^`]*\.)`\s*\|/gm)].map(([, message = ""]) => message);
  return [...printed, ...tabled].map((line) => line.trim()).filter((line) => line !== "");
}

/** `…` stands for what differs. */
function patternOf(message: string): RegExp {
  const parts = message.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^\\s*${parts.join(".+?")}$`, "m");
}

const sources = ["functions", "scripts"].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, directory, file), "utf8")),
);

/** Found in the source, where each `${…}` stands for anything. */
const isInSource = (message: string) => {
  const longest = message.split(/…|\d+/).toSorted((a, b) => b.length - a.length)[0] ?? "";
  return longest.length > 20 && sources.some((source) => source.includes(longest));
};

describe("messages in the guides", () => {
  let said: string[];
  beforeAll(async () => {
    said = [...(await provokeStarts()), ...(await provokeRequests()), ...(await provokeAdmin())];
  });

  test.each(pages)("%s quotes what the relay says, word for word", (file) => {
    const isProvoked = (message: string) => said.some((line) => patternOf(message).test(line));
    const unheard = messagesOf(file).filter(
      (message) => !isProvoked(message) && !(ofTheProcess.some((one) => one.test(message)) && isInSource(message)),
    );
    expect(unheard).toEqual([]);
    expect(messagesOf(file).length).toBeGreaterThan(2);
  });

  test("English and Chinese quote the same", () => {
    for (const name of ["guide", "docker", "troubleshooting"])
      expect(messagesOf(`docs/${name}.zh.md`)).toEqual(messagesOf(`docs/${name}.md`));
  });

  test.each(["docs/moving.md", "docs/moving.zh.md"])("%s quotes what stands in the source", (file) => {
    expect(messagesOf(file).filter((message) => !isInSource(message))).toEqual([]);
  });
});
