import { join } from "node:path";
import { storeKind, type Config } from "../../config.ts";
import type { Completed } from "./secrets.ts";

export interface Greeted {
  readonly version: string;
  readonly url: string;
  readonly config: Config;
  readonly secrets: Completed;
  /** Whether the store has answered. */
  readonly isReached: boolean;
  readonly isOnRender: boolean;
}

/** What an operator needs to read after a start. The generated password is told on the first start only. */
export function greet(greeted: Greeted): string {
  const { version, url, config } = greeted;
  const base = (config.PUBLIC_URL ?? url).replace(/\/+$/, "");
  const lines = [
    `Claude Relay ${version} is running.`,
    "",
    `  Console  ${base}/web`,
    `  Health   ${base}/health`,
    `  Store    ${store(greeted)}`,
    `  Reached  ${reach(config.HOST)}`,
    ...signIn(greeted),
    "",
    "  Claude Code, with an API key that you create in the console:",
    `    export ANTHROPIC_BASE_URL=${base}/api`,
    "    export ANTHROPIC_AUTH_TOKEN=cr_...",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function reach(host: string): string {
  if (/^(127\.|::1$|localhost$)/.test(host)) return "from this machine only (HOST=0.0.0.0: from the network)";
  return `from the network, at ${host === "0.0.0.0" || host === "::" ? "every address of this machine" : host}`;
}

function store({ config, isReached, isOnRender }: Greeted): string {
  const kind = storeKind(config);
  if (kind === "embedded") {
    const file = `${join(config.DATA_DIR, "relay.db")} (embedded: keep this directory)`;
    return isOnRender ? `${file}. Render empties it at every restart unless a disk is there: set REDIS_HOST.` : file;
  }
  const name = kind === "upstash" ? "Upstash" : "Redis";
  return isReached ? `${name}, reached` : `${name}, NOT reached: see the line above`;
}

function signIn({ config, secrets: { file, isFirstStart } }: Greeted): string[] {
  if (!isFirstStart || file === undefined) return [];
  return [
    `  Name     ${config.ADMIN_USERNAME}`,
    `  Password ${config.ADMIN_PASSWORD}`,
    "",
    `  The password is not shown again. It was generated, like the other secrets, into ${file}: keep a copy of that file.`,
  ];
}
