import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** The floors of functions/, from the ground up: an import goes down. docs/decisions.md names them. */
const floors = [
  ["failure.ts", "log.ts", "log-book.ts"],
  ["wire"],
  ["stores", "config.ts"],
  ["env.ts"],
  ["records"],
  ["dialects"],
  ["upstreams"],
  ["bridges"],
  ["alerts", "moving"],
  ["flow"],
  ["cron"],
  ["relay.ts", "models.ts", "admin", "routes.ts"],
  ["endpoints"],
  ["adapters"],
];

/** Rooms whose files stand beside each other and do not know each other, but for the shapes and shared tables named here. */
const apart: Record<string, RegExp> = {
  flow: /^$/,
  endpoints: /^$/,
};

/** Who may name a platform. */
const platforms = /^(node:http|node:https|node:http2|node:sqlite|ioredis|@upstash\/redis|undici|sst)(\/|$)/;
const mayNamePlatforms = /^(adapters|stores)\//;

const root = join(import.meta.dirname, "..", "functions");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.replaceAll("\\", "/"));
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

const room = (file: string) => (file.includes("/") ? (file.split("/")[0] ?? "") : file);
const floorOf = (file: string) => floors.findIndex((rooms) => rooms.includes(room(file)));

function importsOf(file: string): { from: string; isLocal: boolean }[] {
  const pattern = /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)|^import\s+"([^"]+)"/gm;
  return [...(sources.get(file) ?? "").matchAll(pattern)].map(([, first, second, third]) => {
    const target = first ?? second ?? third ?? "";
    const isLocal = target.startsWith(".");
    return {
      isLocal,
      from: isLocal ? relative(root, normalize(join(root, dirname(file), target))).replaceAll("\\", "/") : target,
    };
  });
}

describe("the house", () => {
  test("has a floor for every file", () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
  });

  test("has no arrow that goes up", () => {
    const up = files.flatMap((file) =>
      importsOf(file)
        .filter(({ isLocal, from }) => isLocal && floorOf(from) > floorOf(file))
        .map(({ from }) => `${file} → ${from}`),
    );
    expect(up).toEqual([]);
  });

  test("has no arrow between rooms of one floor, nor between steps of the flow or endpoints", () => {
    const sideways = files.flatMap((file) =>
      importsOf(file)
        .filter(({ isLocal, from }) => isLocal && floorOf(from) === floorOf(file))
        .filter(({ from }) => {
          if (room(from) !== room(file))
            return !(room(file) === "stores" || floorOf(file) === 0 || from === "routes.ts");
          const allowed = apart[room(file)];
          return allowed !== undefined && !allowed.test(from);
        })
        .map(({ from }) => `${file} → ${from}`),
    );
    expect(sideways).toEqual([]);
  });

  test("has no circle", () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (done.has(file) || path.includes(file)) return;
      for (const { isLocal, from } of importsOf(file)) if (isLocal && sources.has(from)) visit(from, [...path, file]);
      done.add(file);
    };
    files.forEach((file) => visit(file, []));
    expect(circles).toEqual([]);
  });

  test("names platforms only where machines and stores are", () => {
    const strangers = files.flatMap((file) =>
      mayNamePlatforms.test(file)
        ? []
        : importsOf(file)
            .filter(({ from }) => platforms.test(from))
            .map(({ from }) => `${file}: ${from}`),
    );
    expect(strangers).toEqual([]);
  });

  test("reads process.env only where the environment is made", () => {
    expect(
      files.filter((file) => /process\.env\b/.test(sources.get(file) ?? "") && !file.startsWith("adapters/")),
    ).toEqual([]);
  });

  const lines = (file: string) => (sources.get(file) ?? "").split("\n").length - 1;

  test("has no dialect over 190 lines and no place over 110", () => {
    const over = (prefix: string, most: number) =>
      files.filter((file) => file.startsWith(prefix) && lines(file) > most).map((file) => `${file}: ${lines(file)}`);
    expect([...over("dialects/", 190), ...over("upstreams/", 110)]).toEqual([]);
  });

  test("has no bridge over 300 lines, all its files together, beside the halves that bridges share", () => {
    const sizes = new Map<string, number>();
    for (const file of files) {
      const name = /^bridges\/(\w+(?:-(?!to-)\w+)*-to-(?:openai-responses|\w+))/.exec(file)?.[1];
      if (name !== undefined) sizes.set(name, (sizes.get(name) ?? 0) + lines(file));
    }
    expect([...sizes.keys()].sort()).toEqual([
      ...["anthropic-to-gemini", "anthropic-to-openai-responses", "openai-chat-to-anthropic", "openai-chat-to-gemini"],
      "openai-responses-to-anthropic",
    ]);
    expect([...sizes].filter(([, size]) => size > 300)).toEqual([]);
  });

  test("has no file over 300 lines and no relay endpoint over 40", () => {
    expect(files.filter((file) => lines(file) > 300).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
    expect(files.filter((file) => file.startsWith("endpoints/relay/") && lines(file) > 40)).toEqual([]);
  });
});
