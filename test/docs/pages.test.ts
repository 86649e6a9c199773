import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../functions/config.ts";
import { match, routes } from "../../functions/routes.ts";
import { clients, systems } from "../../web/src/pages/start/clients.ts";
import { testEnvironment } from "../environment.ts";
import { anchorOf, guides, readPage, root, withoutComments } from "./pages.ts";

const docs = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
const everyPage = [
  "README.md",
  "README.zh.md",
  "CONTRIBUTING.md",
  ".github/SECURITY.md",
  ...docs.map((file) => `docs/${file}`),
];
const own = ["guide", "docker", "clients", "troubleshooting"].flatMap((name) => [
  `docs/${name}.md`,
  `docs/${name}.zh.md`,
]);

describe("pages", () => {
  test.each(everyPage)("%s: every link leads somewhere", (file) => {
    const broken = readPage(file).links.filter((link) => !isThere(link, file));
    expect(broken).toEqual([]);
  });

  test("README leads to every guide, and each of them to its other language", () => {
    const readme = readPage("README.md").links;
    for (const name of guides)
      for (const [file, other] of [
        [`${name}.md`, `${name}.zh.md`],
        [`${name}.zh.md`, `${name}.md`],
      ] as const) {
        expect(readme).toContain(`docs/${file}`);
        expect(readPage(`docs/${file}`).links).toContain(other);
      }
  });

  test("README leads to its other language, and every page has one or is named as English only, with the reason", () => {
    const [en, zh] = [readPage("README.md"), readPage("README.zh.md")];
    expect(en.links).toContain("README.zh.md");
    expect(zh.links).toContain("README.md");
    const [, reasons = ""] = /^只有英文的文档，以及原因：(.*)$/m.exec(zh.text) ?? [];
    const alone = docs.filter((file) => !file.endsWith(".zh.md") && !docs.includes(file.replace(".md", ".zh.md")));
    expect(alone.filter((file) => !reasons.includes(`docs/${file}`))).toEqual([]);
    expect(zh.headings.map(({ depth }) => depth)).toEqual(en.headings.map(({ depth }) => depth));
    for (const name of [...guides, "deploy-aws", "console"]) expect(zh.links).toContain(`docs/${name}.zh.md`);
  });

  test.each([...guides, "deploy-aws"])("%s: English and Chinese have the same parts and are typed the same", (name) => {
    const [en, zh] = [readPage(`docs/${name}.md`), readPage(`docs/${name}.zh.md`)];
    expect(zh.headings.map(({ depth }) => depth)).toEqual(en.headings.map(({ depth }) => depth));
    expect(commandsOf(zh.blocks, name)).toEqual(commandsOf(en.blocks, name));
    const boxes = (text: string) => text.match(/^- \[ \]/gm)?.length;
    expect(boxes(zh.text)).toBe(boxes(en.text));
  });

  test.each(own)("%s: every name of a setting is read by something", (file) => {
    const { blocks, spans } = readPage(file);
    const texts = [...spans, ...blocks.map(({ text }) => text)];
    const names = texts.flatMap((text) => text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []);
    expect(names.length).toBeGreaterThan(3);
    expect([...new Set(names)].filter((name) => !sources.some((source) => source.includes(name)))).toEqual([]);
  });

  test.each(own)("%s: every address leads to a route or to a page of the console", (file) => {
    const { text } = readPage(file);
    const addresses = text.matchAll(/(?:https:\/\/your-relay\.onrender\.com|http:\/\/localhost:3000)([^\s"'`)?>]*)/g);
    const paths = [...addresses].map(([, path = ""]) => path);
    expect([...new Set(paths)].filter((path) => !isServed(path))).toEqual([]);
  });

  test.each(own)("%s: every label of the console is one", async (file) => {
    const isChinese = file.endsWith(".zh.md");
    const words = new Set(await readWords(isChinese ? "zh" : "en"));
    const { prose } = readPage(file);
    const pattern = isChinese ? /「([^」]+)」/g : /(?<![\w`])_([A-Z][^_\n]+)_(?![\w`])/g;
    const labels = [...prose.replace(/`[^`\n]*`/g, "").matchAll(pattern)].map(([, label = ""]) => label);
    expect(labels.filter((label) => !words.has(label))).toEqual([]);
  });

  test.each(own)("%s: what is to be put into files is well-formed", (file) => {
    const { blocks } = readPage(file);
    for (const { language, text } of blocks) {
      if (language === "json") expect(() => JSON.parse(text)).not.toThrow();
      if (language === "yaml") expect(() => parse(text)).not.toThrow();
      if (language === "ini") expect(() => parseConfig({ ...testEnvironment, ...settingsOf(text) })).not.toThrow();
    }
  });
});

const commandsOf = (blocks: ReturnType<typeof readPage>["blocks"], name: string) =>
  blocks
    // The picture of the parts is in words; the policy stands in one language; each has its nearest region.
    .filter(({ language }) => name !== "deploy-aws" || language === "sh")
    .map(({ language, text }) => ({ language, text: withoutComments(text).replace(/AWS_REGION=\S+/, "AWS_REGION=…") }));

function isThere(link: string, from: string): boolean {
  if (/^(https?:|mailto:)/.test(link)) return URL.canParse(link);
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(root, file))) return false;
  if (anchor === undefined) return true;
  return readPage(file).headings.some(({ title }) => anchorOf(title) === decodeURIComponent(anchor));
}

const sources = ["functions", "scripts", "infra", "test/clients", ".github/workflows", "web/src/pages/start"]
  .flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|yml)$/.test(file))
      .map((file) => join(directory, file)),
  )
  .concat("compose.yaml", "compose.watchtower.yaml", "scripts/cli/setup.ts")
  .map((file) => readFileSync(join(root, file), "utf8"));

function isServed(path: string): boolean {
  if (path === "" || path === "/web") return true;
  if (existsSync(join(root, "web/public", path.replace(/^\/web\//, "")))) return true;
  if (path.startsWith("/web/")) return pagesOfConsole.includes(`path="${path.slice("/web".length)}"`);
  const isRoute = ["GET", "POST"].some((method) => match(method, path).found);
  return isRoute || routes.some((route) => route.path.startsWith(`${path.replace(/\/$/, "")}/`));
}

const pagesOfConsole = readFileSync(join(root, "web/src/app.tsx"), "utf8");

/** All words of the console in a language; some come with their page only. */
async function readWords(language: "en" | "zh"): Promise<string[]> {
  const directory = join(root, "web/src/language", language);
  const modules = readdirSync(directory).map((file) => import(join(directory, file)) as Promise<object>);
  return (await Promise.all(modules)).flatMap(flatten);
}

function flatten(words: object): string[] {
  return Object.values(words).flatMap((word: unknown) =>
    typeof word === "object" && word !== null ? flatten(word) : [String(word)],
  );
}

function settingsOf(text: string): Record<string, string> {
  const lines = [...withoutComments(text).matchAll(/^([A-Z_]+)=(.*)$/gm)];
  // What stands for a secret that the reader makes.
  const filled = (value: string) => (value.startsWith("the-") ? "s".repeat(64) : value);
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, filled(value)]));
}

describe("the programs' settings", () => {
  const where = { url: "https://your-relay.onrender.com", secret: "cr_your_key" };
  const { blocks } = readPage("docs/clients.md");
  const lines = new Set(blocks.flatMap((block) => block.text.split("\n")));

  const programs = clients.map(({ name }) => name).filter((name) => name !== "curl" && !name.endsWith("-sdk"));

  test.each(programs)("%s: the guide says for each system what the console says", (name) => {
    const client = clients.find((one) => one.name === name);
    expect(client).toBeDefined();
    for (const system of systems)
      for (const step of client?.steps({ ...where, system }) ?? [])
        for (const line of step.text.split("\n")) expect([...lines]).toContain(line);
  });

  test("PowerShell and cmd set what the other shells export", () => {
    const valuesOf = (language: string, pattern: RegExp) =>
      blocks
        .filter((block) => block.language === language)
        .flatMap((block) => [...block.text.matchAll(pattern)].map(([, name, value]) => `${name}=${value}`));
    const unix = new Set(valuesOf("sh", /^export (\w+)="(.*)"$/gm));
    const windows = [
      ...valuesOf("powershell", /^\$env:(\w+) = "(.*)"$/gm),
      ...valuesOf("powershell", /SetEnvironmentVariable\("(\w+)", "(.*)", "User"\)$/gm),
      ...valuesOf("bat", /^set (\w+)=(.*)$/gm),
      ...valuesOf("bat", /^setx (\w+) "(.*)"$/gm),
    ];
    expect(windows.length).toBeGreaterThan(15);
    expect(windows.filter((one) => !unix.has(one))).toEqual([]);
  });
});
