import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, storeKind, type Environment } from "../../config.ts";
import { parseJson } from "../../wire/json.ts";

const names = ["JWT_SECRET", "ENCRYPTION_KEY", "ADMIN_USERNAME", "ADMIN_PASSWORD"] as const;
type Secrets = Record<(typeof names)[number], string>;

export interface Completed {
  readonly environment: Environment;
  /** The file that keeps what was generated; undefined if nothing had to be. */
  readonly file?: string;
  /** True on the one start that made the file. */
  readonly isFirstStart: boolean;
}

/**
 * Fills in the secrets that are not set, so that the relay starts without any configuration: only where the embedded store
 * keeps its data in the same directory, since secrets that differ between two instances would lock the data of one another.
 * They are made once and kept in `DATA_DIR/secrets.json`, readable by its owner only. Throws ConfigError.
 */
export function completeSecrets(environment: Environment): Completed {
  const isComplete = names.every((name) => environment[name]);
  if (isComplete || storeKind(environment) !== "embedded") return { environment, isFirstStart: false };
  const directory = environment.DATA_DIR || "data";
  const file = join(directory, "secrets.json");
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const isFirstStart = !isThere(file) && create(file);
    const kept = read(file);
    const given = Object.fromEntries(
      Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
    );
    return { environment: { ...kept, ...given }, file, isFirstStart };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([
      `DATA_DIR cannot be used (${reason}); make ${directory} writable or set DATA_DIR to another directory`,
    ]);
  }
}

function isThere(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Written aside and linked into place, so that a crash leaves no half file and of two processes one wins. */
function create(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(generate(), null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function generate(): Secrets {
  return {
    JWT_SECRET: randomBytes(64).toString("hex"),
    ENCRYPTION_KEY: randomBytes(32).toString("hex"),
    ADMIN_USERNAME: "admin",
    ADMIN_PASSWORD: randomBytes(15).toString("base64url"),
  };
}

function read(file: string): Partial<Secrets> {
  const parsed = parseJson(readFileSync(file, "utf8"));
  const isWhole =
    typeof parsed === "object" &&
    parsed !== null &&
    names.every((name) => typeof Reflect.get(parsed, name) === "string");
  if (!isWhole) {
    throw new ConfigError([
      `${file} is damaged; put it back from a backup, or set ${names.join(", ")} yourself (without the old ENCRYPTION_KEY the accounts must be linked anew)`,
    ]);
  }
  return Object.fromEntries(names.map((name) => [name, Reflect.get(parsed, name)]));
}
