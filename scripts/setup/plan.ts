import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { editEnv, editJson, editToml, UnreadableFile, type Wanted } from "./edits.ts";

export const programs = ["claude-code", "vscode", "codex", "gemini"] as const;
export type Program = (typeof programs)[number];

/** One file as it is and as it would be. */
export interface Change {
  readonly program: Program;
  readonly file: string;
  /** Undefined if there is none yet. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface Where {
  /** Without a slash at its end. */
  readonly url: string;
  readonly secret: string;
  /** The home directory. */
  readonly home: string;
}

interface Target {
  readonly program: Program;
  readonly path: readonly string[];
  readonly edit: (text: string, wanted: Wanted) => string;
  readonly wanted: (where: Where) => Wanted;
}

const provider = ["model_providers", "crs"];

/** What each program reads, as docs/clients.md says it and the tests with their real releases prove. */
const targets: readonly Target[] = [
  {
    program: "claude-code",
    path: [".claude", "settings.json"],
    edit: editJson,
    wanted: ({ url, secret }) => [
      [["env", "ANTHROPIC_BASE_URL"], `${url}/api/`],
      // With this behind its key Claude Code shows what is left of the key's budget (docs/clients.md).
      [["env", "ANTHROPIC_AUTH_TOKEN"], `${secret}.eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x`],
    ],
  },
  { program: "vscode", path: [".claude", "config.json"], edit: editJson, wanted: () => [[["primaryApiKey"], "crs"]] },
  {
    program: "codex",
    path: [".codex", "config.toml"],
    edit: editToml,
    wanted: ({ url }) => [
      [["model_provider"], "crs"],
      [[...provider, "name"], "Claude Relay"],
      [[...provider, "base_url"], `${url}/openai`],
      [[...provider, "wire_api"], "responses"],
      [[...provider, "env_key"], "CRS_OAI_KEY"],
    ],
  },
  { program: "codex", path: [".codex", ".env"], edit: editEnv, wanted: ({ secret }) => [[["CRS_OAI_KEY"], secret]] },
  {
    program: "gemini",
    path: [".gemini", "settings.json"],
    edit: editJson,
    wanted: () => [[["security", "auth", "selectedType"], "gemini-api-key"]],
  },
  {
    program: "gemini",
    path: [".gemini", ".env"],
    edit: editEnv,
    wanted: ({ url, secret }) => [
      [["GOOGLE_GEMINI_BASE_URL"], `${url}/gemini`],
      [["GEMINI_API_KEY"], secret],
    ],
  },
];

const signs: Record<Program, string> = {
  "claude-code": ".claude",
  vscode: ".vscode",
  codex: ".codex",
  gemini: ".gemini",
};

/** The programs that have been used here; Claude Code in any case, since its file may well be its first. */
export const findPrograms = (home: string): Program[] =>
  programs.filter((program) => program === "claude-code" || existsSync(join(home, signs[program])));

/** Every change that is needed; a file that says it all already is left out. Throws UnreadableFile, with its name. */
export function planChanges(chosen: readonly Program[], where: Where): Change[] {
  return targets
    .filter(({ program }) => chosen.includes(program))
    .map(({ program, path, edit, wanted }) => {
      const file = join(where.home, ...path);
      const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      try {
        return { program, file, before, after: edit(before ?? "", wanted(where)) };
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error;
        throw new UnreadableFile(
          `${file} cannot be read (${error.message}): mend it, or leave that program out. Nothing was changed.`,
        );
      }
    })
    .filter(({ before, after }) => before !== after);
}

/** The lines that differ, with the key out of sight. */
export function showChange({ file, before = "", after }: Change, secret: string): string[] {
  const [old, now] = [before, after].map((text) => text.replaceAll("\r\n", "\n").split("\n"));
  if (!old || !now) return [];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const hide = (line: string) => line.replaceAll(secret, `${secret.slice(0, 7)}…`);
  const lines = (mark: string, text: readonly string[]) =>
    text
      .slice(start, text.length - end)
      .filter((line) => before !== "" || line !== "")
      .map((line) => `  ${mark} ${hide(line)}`);
  return [before === "" ? `${file} (new)` : file, ...lines("-", before === "" ? [] : old), ...lines("+", now)];
}
