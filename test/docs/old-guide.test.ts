import { describe, expect, test } from "vitest";
import { oldGuide } from "./old-guide.ts";
import { readPage } from "./pages.ts";

/** The text of each part of a page, up to the next heading of any depth; blocks count, too. */
function partsOf(file: string): { title: string; text: string }[] {
  let isInBlock = false;
  const parts: { title: string; text: string }[] = [];
  for (const line of readPage(file).text.split("\n")) {
    if (line.trimStart().startsWith("```")) isInBlock = !isInBlock;
    const title = isInBlock ? undefined : /^#+ (.+)$/.exec(line)?.[1];
    if (title !== undefined) parts.push({ title, text: "" });
    else if (parts.length > 0) (parts.at(-1) ?? { text: "" }).text += `${line}\n`;
  }
  return parts;
}

describe("whoever followed the guide of claude-relay-service finds here", () => {
  test.each(oldGuide)("%s", (_theirs, page, part, ...words) => {
    const english = partsOf(`docs/${page}.md`);
    const at = english.findIndex(({ title }) => title === part);
    expect([part, at >= 0]).toEqual([part, true]);
    const texts = [english[at]?.text ?? "", partsOf(`docs/${page}.zh.md`)[at]?.text ?? ""];
    for (const text of texts)
      for (const word of words)
        expect(word.split("|").some((one) => text.includes(one)) || `${word} in ${text}`).toBe(true);
  });
});
