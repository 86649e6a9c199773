import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** The wings of functions/, from the ground up: an import goes down the list or stays in its wing. CONTRIBUTING.md names them. */
const wings = [
  ["failure.ts", "log.ts", "log-book.ts"],
  ["wire"],
  ["config.ts", "stores"],
  ["env.ts"],
  ["core"],
  ["relay"],
  ["operations"],
  ["routes.ts", "admin"],
  ["endpoints"],
  ["runtimes"],
];

/** The rooms of a wing, from the ground up, where their order matters. */
const rooms: Record<string, readonly string[]> = {
  core: ["money", "keys", "limits", "accounts", "usage", "people", "process"],
  relay: ["dialects", "upstreams", "bridges", "transport", "flow", "relay.ts", "models.ts", "own-quota.ts", "stored"],
};

/** Folders whose files do not import each other: each is one step, or one function that is deployed by itself. */
const independent = [/^relay\/flow\//, /^endpoints\//];

/** Only these files may import a platform. */
const platforms = /^(node:http|node:https|node:http2|node:sqlite|ioredis|@upstash\/redis|undici|sst)(\/|$)/;
const mayImportPlatforms = /^(runtimes|stores)\//;

/** The other trees: folders from the ground up, where their order matters. */
const trees: Record<string, readonly string[]> = {
  functions: [],
  "web/src": [
    "virtual.d.ts",
    "theme.ts",
    "styles.css",
    "language",
    "api",
    "parts",
    "pages",
    "shell",
    "app.tsx",
    "start.tsx",
    "main.ts",
  ],
  scripts: [],
  infra: [],
};
/** What a tree may import besides itself. `test` lends scripts its browser and its sample of data. */
const neighbours: Record<string, RegExp> = {
  functions: /^package\.json$/,
  "web/src": /^functions\//,
  scripts: /^(functions|test|package\.json)/,
  infra: /^functions\//,
};

const top = join(import.meta.dirname, "..");
const root = join(top, "functions");
const listSources = (directory: string) =>
  readdirSync(join(top, directory), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.tsx?$/.test(file));
const files = listSources("functions");
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

const part = (file: string, index: number) => file.split("/")[index] ?? "";
const wingOf = (file: string) => wings.findIndex((names) => names.includes(part(file, 0)));
const roomOf = (file: string) => rooms[part(file, 0)]?.indexOf(part(file, 1)) ?? 0;

interface Import {
  /** The imported file, from functions/, or the package's name. */
  readonly from: string;
  readonly isLocal: boolean;
}

const importPattern = /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)|^import\s+"([^"]+)"/gm;

/** What a text imports; files are told from `base`. */
function readImports(text: string, file: string, base: string): Import[] {
  return [...text.matchAll(importPattern)].map(([, first, second, third]) => {
    const target = first ?? second ?? third ?? "";
    const isLocal = target.startsWith(".");
    const from = () => relative(base, normalize(join(base, dirname(file), target))).replaceAll("\\", "/");
    return { isLocal, from: isLocal ? from() : target };
  });
}

const importsOf = (file: string) => readImports(sources.get(file) ?? "", file, root);

/** Imports between files of functions/ for which `isWrong` holds, as "from → to". */
const findArrows = (isWrong: (file: string, from: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter(({ isLocal, from }) => isLocal && isWrong(file, from))
      .map(({ from }) => `${file} → ${from}`),
  );

describe("the house", () => {
  test("has a wing for every file, and a room where a wing has an order", () => {
    expect(files.filter((file) => wingOf(file) < 0 || roomOf(file) < 0)).toEqual([]);
  });

  test("has no import that goes up", () => {
    expect(findArrows((file, from) => wingOf(from) > wingOf(file))).toEqual([]);
    expect(findArrows((file, from) => part(file, 0) === part(from, 0) && roomOf(from) > roomOf(file))).toEqual([]);
  });

  test("has no import between files of an independent folder", () => {
    const inside = (file: string, from: string, folder: RegExp) => folder.test(file) && folder.test(from);
    expect(findArrows((file, from) => independent.some((folder) => inside(file, from, folder)))).toEqual([]);
  });

  test("imports platforms only in runtimes and stores", () => {
    const strangers = files.flatMap((file) =>
      mayImportPlatforms.test(file)
        ? []
        : importsOf(file)
            .filter(({ from }) => platforms.test(from))
            .map(({ from }) => `${file}: ${from}`),
    );
    expect(strangers).toEqual([]);
  });

  test("reads process.env only where the environment is made", () => {
    expect(
      files.filter((file) => /process\.env\b/.test(sources.get(file) ?? "") && !file.startsWith("runtimes/")),
    ).toEqual([]);
  });

  test("keeps no state at the top of a module, but for what was measured", () => {
    const state = /^(?:export )?(?:let \w+|const \w+.*= new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\);)/gm;
    const found = files.flatMap((file) => {
      if (file.startsWith("core/process/")) return [];
      return [...(sources.get(file) ?? "").matchAll(state)].map(([line]) => `${file}: ${line.slice(0, 60)}`);
    });
    // What an instance remembers is listed in env.ts; a pure function's last answers are held by memoize.
    expect(found.length, found.join("\n")).toBeLessThanOrEqual(5);
  });

  const lines = (file: string) => (sources.get(file) ?? "").split("\n").length - 1;

  test("has at most 14 source files a folder", () => {
    const sizes = new Map<string, number>();
    for (const file of files) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    expect([...sizes].filter(([, size]) => size > 14)).toEqual([]);
  });

  test("has no file over 400 lines and no relay endpoint over 40", () => {
    expect(files.filter((file) => lines(file) > 400).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
    expect(files.filter((file) => file.startsWith("endpoints/relay/") && lines(file) > 40)).toEqual([]);
  });
});

describe("CONTRIBUTING.md and the glossary", () => {
  const read = (page: string) => readFileSync(join(top, page), "utf8");

  test.each(["CONTRIBUTING.md", "docs/glossary.md"])("%s names files that there are", (page) => {
    const paths = [...read(page).matchAll(/`((?:functions|web|infra|test|bench)\/[^`\s]*)`/g)].map(
      ([, path = ""]) => path,
    );
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(top, path)))).toEqual([]);
  });

  test("count each wing's lines within a tenth", () => {
    const rows = [...read("CONTRIBUTING.md").matchAll(/^\| `functions\/(\w+)\/` +\| ([\d,]+)/gm)];
    const told = new Map(rows.map(([, wing = "", lines = ""]) => [wing, Number(lines.replace(",", ""))]));
    const counted = Map.groupBy([...sources], ([file]) => file.split("/")[0] ?? "");
    const wrong = [...counted].flatMap(([wing, of]) => {
      const lines = of.reduce((sum, [, text]) => sum + text.split("\n").length - 1, 0);
      const isRight = wing.endsWith(".ts") || Math.abs(lines / (told.get(wing) ?? 0) - 1) <= 0.1;
      return isRight ? [] : [`${wing}: ${lines}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe("the four trees", () => {
  const imports = new Map(
    Object.keys(trees).flatMap((tree) =>
      listSources(tree).map((name) => {
        const file = `${tree}/${name}`;
        const local = readImports(readFileSync(join(top, file), "utf8"), file, top).filter(({ isLocal }) => isLocal);
        return [file, local.map(({ from }) => from)] as const;
      }),
    ),
  );
  const treeOf = (file: string) => Object.keys(trees).find((tree) => file.startsWith(`${tree}/`)) ?? "";
  const arrows = [...imports].flatMap(([file, targets]) => targets.map((from) => ({ file, from })));
  const tell = ({ file, from }: { file: string; from: string }) => `${file} → ${from}`;

  test("have no circle", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (done.has(file) || path.includes(file)) return;
      for (const from of imports.get(file) ?? []) visit(from, [...path, file]);
      done.add(file);
    };
    [...imports.keys()].forEach((file) => visit(file, []));
    expect(circles).toEqual([]);
  });

  test("have no import that goes up, or to a tree that is none of theirs", () => {
    const floor = (file: string) =>
      trees[treeOf(file)]?.indexOf(file.slice(treeOf(file).length + 1).split("/")[0] ?? "") ?? 0;
    const isUp = ({ file, from }: { file: string; from: string }) =>
      treeOf(file) === treeOf(from) ? floor(from) > floor(file) : !neighbours[treeOf(file)]?.test(from);
    expect(arrows.filter(isUp).map(tell)).toEqual([]);
  });
});
