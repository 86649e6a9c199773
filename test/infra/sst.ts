import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeAws } from "./fake-aws.ts";
import type { FakeKvs } from "./fake-kvs.ts";
import { bin, offline, preparePlatform, root } from "./platform.ts";

/** What would be made in AWS: `custom` inputs as Pulumi sends them, a secret as `{4dabf18…: "1b47061…", value}`. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** None if the program was not evaluated to its end. */
  readonly resources: readonly Resource[];
}

export interface Cloud {
  /** Runs the genuine `sst` with these arguments. */
  sst(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** A file with these lines, for `sst secret load`. */
  write(name: string, values: Readonly<Record<string, string>>): string;
  /** A file with this text. */
  writeText(name: string, text: string): string;
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly kvs: FakeKvs;
  stop(): void;
}

const mostMs = 300_000;

/** An empty AWS account on loopback, and a home directory whose `pulumi` makes nothing. */
export async function startCloud(): Promise<Cloud> {
  await preparePlatform();
  const aws = await startFakeAws();
  const home = mkdtempSync(join(tmpdir(), "relay-sst-"));
  const programs = join(home, ".config/sst/bin");
  mkdirSync(programs, { recursive: true });
  const pulumi = join(import.meta.dirname, "pulumi.ts");
  writeFileSync(join(programs, "pulumi"), `#!/bin/sh\nexec "${process.execPath}" "${pulumi}" "$@"\n`);
  chmodSync(join(programs, "pulumi"), 0o755);
  const file = join(home, "resources.json");
  const environment = {
    ...offline,
    HOME: home,
    PATH: `${bin}:${process.env.PATH}`,
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "AKIAFAKE",
    AWS_SECRET_ACCESS_KEY: "fake",
    AWS_REGION: "eu-central-1",
    // The data plane of the key-value store is asked by a name of the account's own.
    HTTP_PROXY: aws.url,
    AWS_S3_USE_PATH_STYLE: "1",
    RELAY_RESOURCES: file,
  };
  const writeText = (name: string, text: string) => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  return {
    sst: async (args, more = {}) => {
      rmSync(file, { force: true });
      const ended = await run(args, { ...environment, ...more });
      const resources = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Resource[]) : [];
      return { ...ended, resources };
    },
    writeText,
    write: (name, values) =>
      writeText(
        name,
        Object.entries(values)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(""),
      ),
    objects: aws.objects,
    kvs: aws.kvs,
    stop: () => {
      aws.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** In a process group of its own, so that none of its children outlives it. */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(join(bin, "sst"), args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const timer = setTimeout(end, mostMs);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      end();
      resolve({ code, output });
    });
  });
}

const mark = "4dabf18193072939515e22adb298388d";

/** Pulumi's wrapping of a secret. */
export const isSecret = (value: unknown): value is { value: unknown } =>
  typeof value === "object" && value !== null && mark in value;

export const reveal = (value: unknown): unknown => (isSecret(value) ? value.value : value);

/** The inputs as they may be seen in a deployment's state: what Pulumi keeps encrypted is left out. */
export const visible = (inputs: unknown): string =>
  JSON.stringify(inputs, (_, value: unknown) => (isSecret(value) ? "secret" : value));
