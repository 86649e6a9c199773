import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withLock } from "./platform.ts";
import { startCloud, type Outcome } from "./sst.ts";

/** What the genuine `sst deploy` made of the project as it stands: the resources, and the directories that it would upload. */
export interface Deployment extends Outcome {
  /** Names of what it keeps in the account's bucket. */
  readonly kept: readonly string[];
  /** `<endpoint>/bundle.mjs` with SST's `resource.enc` beside it. */
  readonly functions: string;
  readonly console: string;
}

/** Their values must be found nowhere but encrypted. */
export const secrets = {
  JwtSecret: "jwt-".padEnd(64, "j"),
  EncryptionKey: "key-".padEnd(32, "k"),
  AdminUsername: "hidden-admin",
  AdminPassword: "hidden-password",
  UpstashRedisRestUrl: "https://hidden-database.upstash.io",
  UpstashRedisRestToken: "hidden-database-token",
  OriginSecret: "origin-".padEnd(64, "o"),
  QstashToken: "hidden-qstash-token",
  QstashCurrentSigningKey: "sig_current_hidden",
  QstashNextSigningKey: "sig_next_hidden",
};

const cache = join(root, "node_modules/.cache/deployed");
const sources = ["functions", "infra", "web", "scripts", "test/infra", "sst.config.ts", "package-lock.json"];

/** One deployment serves all test files, and later runs as long as no source of it changes. */
export function deploy(): Promise<Deployment> {
  return withLock("deploy", async () => {
    const directory = join(cache, stamp());
    const file = join(directory, "outcome.json");
    if (!existsSync(file)) await deployInto(directory);
    const outcome = JSON.parse(readFileSync(file, "utf8")) as Omit<Deployment, "functions" | "console">;
    return { ...outcome, functions: join(directory, "lambda"), console: join(directory, "web") };
  });
}

async function deployInto(directory: string): Promise<void> {
  const cloud = await startCloud();
  try {
    await cloud.sst(["secret", "load", cloud.write("ci.env", secrets), "--stage", "ci"]);
    const settings = { LOG_LEVEL: "debug", ALARM_EMAIL: "ops@example.com" };
    const outcome = await cloud.sst(["deploy", "--stage", "ci"], settings);
    if (outcome.code !== 0) throw new Error(`sst deploy ended with ${outcome.code}:\n${outcome.output}`);
    rmSync(cache, { recursive: true, force: true });
    const draft = `${directory}-draft`;
    mkdirSync(draft, { recursive: true });
    for (const name of ["lambda", "web"]) cpSync(join(root, "dist", name), join(draft, name), { recursive: true });
    writeFileSync(join(draft, "outcome.json"), JSON.stringify({ ...outcome, kept: [...cloud.objects.keys()] }));
    renameSync(draft, directory);
  } finally {
    cloud.stop();
  }
}

function stamp(): string {
  const hash = createHash("sha256");
  for (const source of sources) {
    const path = join(root, source);
    for (const file of source.includes(".") ? [path] : filesOf(path)) hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !/node_modules|\.test\.tsx?$|tsbuildinfo$/.test(join(entry.parentPath, entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
