import { homedir } from "node:os";
import type { Run, Terminal } from "./command.ts";
import { UnreadableFile } from "../setup/edits.ts";
import { undoChanges, writeChanges } from "../setup/keep.ts";
import { findPrograms, planChanges, programs, showChange, type Program } from "../setup/plan.ts";
import { readKey, RelayRefused, sendOne } from "../setup/request.ts";

/**
 * `npx claude-relay setup https://relay.example.com`: tells the programs of this machine to use the relay. The key is asked
 * for, or read from CLAUDE_RELAY_KEY; each change is shown, kept as it was, and written after a yes; then one request is sent.
 */
export const runSetup: Run = async ([address], flags, terminal) => {
  const { environment, say } = terminal;
  const home = environment.HOME || environment.USERPROFILE || homedir();
  if (flags.undo) {
    const { lines, isWhole } = undoChanges(home);
    lines.forEach(say);
    return isWhole ? 0 : 1;
  }
  const url = readAddress(address);
  if (url === undefined) {
    say("The address is missing or no URL: npx claude-relay setup https://relay.example.com");
    return 2;
  }
  const chosen = readPrograms(flags.only, home);
  if (typeof chosen === "string") {
    say(chosen);
    return 2;
  }
  try {
    return await setUp({ url, chosen, home, isDry: flags["dry-run"] ?? false, isSure: flags.yes ?? false }, terminal);
  } catch (error) {
    if (!(error instanceof RelayRefused || error instanceof UnreadableFile)) throw error;
    say(error.message);
    return 1;
  }
};

interface Asked {
  readonly url: string;
  readonly chosen: readonly Program[];
  readonly home: string;
  readonly isDry: boolean;
  readonly isSure: boolean;
}

async function setUp({ url, chosen, home, isDry, isSure }: Asked, terminal: Terminal): Promise<number> {
  const { environment, say } = terminal;
  const secret = (environment.CLAUDE_RELAY_KEY || (await terminal.askSecret("API key (cr_…): ")) || "").trim();
  if (!/^cr_[\w.-]+$/.test(secret)) {
    say(
      "The key is missing or none of a relay's: it begins with cr_. Set CLAUDE_RELAY_KEY, or run this in a terminal.",
    );
    return 2;
  }
  const name = await readKey(url, secret);
  say(`The relay knows this key${name ? ` as "${name}"` : ""}.`);
  const changes = planChanges(chosen, { url, secret, home });
  for (const change of changes) showChange(change, secret).forEach(say);
  if (changes.length === 0) say("Every file says so already.");
  if (isDry) {
    say("Nothing was changed: --dry-run.");
    return 0;
  }
  if (changes.length > 0) {
    if (!isSure && !(await terminal.isYes("Write this?"))) {
      say("Nothing was changed. --yes writes without a question.");
      return 1;
    }
    writeChanges(changes, home).forEach(say);
  }
  warnOf(environment).forEach(say);
  say(await sendOne(url, secret));
  say("Done. Start the program anew; --undo puts every file back as it was.");
  return 0;
}

/** Without the path that some guides add: each program needs its own. */
function readAddress(address = ""): string | undefined {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return url.origin;
}

function readPrograms(only: string | undefined, home: string): readonly Program[] | string {
  if (only === undefined) return findPrograms(home);
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !(programs as readonly string[]).includes(name));
  return unknown === undefined ? (names as Program[]) : `--only knows ${programs.join(", ")}, and not "${unknown}"`;
}

/** What is set in the shell goes before what stands in a file. */
function warnOf(environment: Terminal["environment"]): string[] {
  const names = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_AUTH_TOKEN",
    "GEMINI_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "CRS_OAI_KEY",
  ];
  const set = names.filter((name) => environment[name]);
  return set.length === 0
    ? []
    : [`${set.join(", ")} of this shell go before the files: take them out (~/.zshrc, ~/.bashrc).`];
}
