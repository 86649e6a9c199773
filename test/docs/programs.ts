import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "./pages.ts";

/**
 * The programs that the guides call and that are not run here: why, and what is asked of their arguments instead. In their
 * place a stand-in notes what it was called with. Whatever is not in this table and not in `run` is a mistake.
 */
export interface StandIn {
  readonly why: string;
  /** What is wrong with the arguments; undefined: nothing. */
  readonly check: (args: readonly string[]) => string | undefined;
}

const oneOf = (words: readonly string[], word = "") => (words.includes(word) ? undefined : `${word} is not known`);

const read = (file: string) => readFileSync(join(root, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
// A tag of Compose's own.
const services = (file: string) =>
  Object.keys(parse(read(file), { customTags: [{ tag: "!reset", resolve: () => null }] }).services as object);

export const standIns: Readonly<Record<string, StandIn>> = {
  docker: { why: "there is no engine here: npm run test:image builds and runs the image without one", check: docker },
  git: {
    why: "there is no server to fetch from or to push to: npm run bench:clone clones from this disk",
    check: ([name]) => oneOf(["clone", "remote", "fetch", "merge", "push", "pull", "tag", "checkout"], name),
  },
  npm: {
    why: "installing, testing and starting are what npm run bench:clone, this suite and node-main.test.ts do",
    check: ([name = "", script = ""]) => {
      if (name === "run") return script === "" || scripts[script] ? undefined : `there is no script ${script}`;
      return oneOf(["install", "ci", "test", "start"], name);
    },
  },
  npx: { why: "sst needs an AWS account: test/infra runs the genuine program against a stand-in", check: npx },
  aws: {
    why: "it needs an AWS account",
    check: ([name = "", second]) => {
      if (name === "cloudfront") return oneOf(["list-functions", "test-function"], second);
      return name === "configure" ? undefined : oneOf(["tail"], name === "logs" ? second : name);
    },
  },
  crontab: { why: "it changes this machine; the line that it is told is run", check: ([flag]) => oneOf(["-e"], flag) },
  "apt-get": { why: "it changes this machine", check: ([name]) => oneOf(["install", "update"], name) },
};

function docker(args: readonly string[]): string | undefined {
  const [name, ...rest] = args;
  if (name !== "compose") return oneOf(["build", "run", "logs"], name);
  const files = rest.flatMap((word, index) => (rest[index - 1] === "-f" ? [word] : []));
  const missing = files.find((file) => !existsSync(join(root, file)));
  if (missing !== undefined) return `there is no ${missing}`;
  const profiled = rest.slice(files.length * 2);
  const profile = profiled[0] === "--profile" ? profiled[1] : undefined;
  if (profile !== undefined && !read("compose.yaml").includes(`profiles: [${profile}]`))
    return `there is no profile ${profile}`;
  const [verb, ...words] = profile === undefined ? profiled : profiled.slice(2);
  const flags = ["-d", "--build", "--no-deps", "--rm", "--volumes", "--user", "-e", "-v"];
  const unknown = words.find(
    (word) => word.startsWith("-") && !flags.includes(word) && !words.includes("claude-relay"),
  );
  if (unknown !== undefined) return `${unknown} is not known`;
  const known = new Set(["compose.yaml", ...files].flatMap(services));
  if (verb !== "run" && verb !== "exec") {
    const stranger = words.find((word) => !word.startsWith("-") && !known.has(word));
    if (stranger !== undefined) return `there is no service ${stranger}`;
  }
  return oneOf(["up", "down", "ps", "logs", "pull", "run", "exec"], verb);
}

function npx(args: readonly string[]): string | undefined {
  const [program, ...rest] = args;
  if (program === "vitest") return oneOf(["run"], rest[0]);
  if (program === "claude-relay") return oneOf(["export", "import", "import-crs", "doctor", "setup"], rest[0]);
  if (program !== "sst") return `${program} is not known`;
  const isStaged = rest.includes("--stage") || rest.length === 1;
  return isStaged ? oneOf(["deploy", "diff", "secret", "remove", "unlock"], rest[0]) : "the stage is missing";
}

/** Programs that are run as they stand, or with what stands for the reader's own replaced. */
export const run = [
  "openssl",
  "curl",
  "redis-cli",
  "claude",
  "codex",
  "gemini",
  "sed",
  "cp",
  "cat",
  "grep",
  "cd",
  "export",
];
