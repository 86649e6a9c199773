import type { Config } from "../config.ts";
import type { Completed } from "./secrets.ts";

/** What an operator needs to read after a start. The generated password is told on the first start only. */
export function greet(version: string, url: string, config: Config, secrets: Completed): string {
  const base = (config.PUBLIC_URL ?? url).replace(/\/+$/, "");
  const lines = [
    `Claude Relay ${version} is running.`,
    "",
    `  Console  ${base}/web`,
    `  Health   ${base}/health`,
    ...signIn(config, secrets),
    "",
    "  Claude Code, with an API key that you create in the console:",
    `    export ANTHROPIC_BASE_URL=${base}/api`,
    "    export ANTHROPIC_AUTH_TOKEN=cr_...",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function signIn(config: Config, { file, isFirstStart }: Completed): string[] {
  if (!isFirstStart || file === undefined) return [];
  return [
    `  Name     ${config.ADMIN_USERNAME}`,
    `  Password ${config.ADMIN_PASSWORD}`,
    "",
    `  The password is not shown again. It was generated, like the other secrets, into ${file}: keep a copy of that file.`,
  ];
}
