import { execSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A stand-in for the `pulumi` program, as which the genuine `sst` runs it: it answers what SST's automation asks, and on
 * `preview` and `up` evaluates the program that SST has bundled, with SST's own components and build server, under Pulumi's
 * mock monitor. What would be made goes to the file $RELAY_RESOURCES; nothing is made.
 */
interface Mocked {
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly inputs: Record<string, unknown>;
}

interface Called {
  readonly token: string;
  readonly inputs: Record<string, unknown>;
}

interface Pulumi {
  runtime: {
    setMocks(mocks: object, project: string, stack: string, preview: boolean): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
    disconnect(): Promise<void>;
  };
}

const given = process.argv.slice(2);
const [command = "", sub = "", name = ""] = given.filter((argument) => !argument.startsWith("-"));
const region = process.env.SST_AWS_REGION ?? process.env.AWS_REGION ?? "";
const account = "123456789012";
const resources: Mocked[] = [];

function flag(wanted: string): string | undefined {
  const at = given.indexOf(wanted);
  return at >= 0 ? given[at + 1] : given.find((one) => one.startsWith(`${wanted}=`))?.slice(wanted.length + 1);
}

/**
 * What SST keeps in CloudFront's key-value store is written by its command line, which serves the program on $SST_SERVER: with
 * $RELAY_KVS that genuine code runs, against the stand-in of AWS.
 */
async function writeKeys({ name, inputs }: Mocked): Promise<void> {
  const [, kind] = /\.sst\.aws\.(KvKeys|KvRoutesUpdate)$/.exec(name) ?? [];
  if (kind === undefined || !process.env.RELAY_KVS) return;
  const mark = "4dabf18193072939515e22adb298388d";
  const params = JSON.parse(
    JSON.stringify(inputs, (_, value: unknown) =>
      typeof value === "object" && value !== null && mark in value ? (value as { value?: unknown }).value : value,
    ),
  ) as unknown;
  const body = JSON.stringify({ jsonrpc: "1.0", method: `Resource.Aws.${kind}.Create`, params: [params] });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${process.env.SST_SERVER}/rpc`, { method: "POST", headers, body });
  const { error } = (await response.json()) as { error?: string };
  if (error) throw new Error(`${name}: ${error}`);
}

async function newResource(made: Mocked) {
  const { type, inputs } = made;
  const low = made.name.toLowerCase();
  const state: Record<string, unknown> = { name: made.name, ...inputs };
  if (type.startsWith("aws:"))
    state.arn ??= `arn:aws:${type.split(":")[1]?.split("/")[0]}:${region}:${account}:${made.name}`;
  if (type.endsWith(":FunctionUrl")) state.functionUrl = `https://${low}.lambda-url.${region}.on.aws/`;
  if (type.endsWith(":Distribution")) Object.assign(state, { domainName: "d1.cloudfront.net", hostedZoneId: "Z2" });
  if (type.endsWith(":RandomBytes")) state.base64 = Buffer.alloc(32, 7).toString("base64");
  if (type.startsWith("aws:s3/bucket")) state.bucketRegionalDomainName = `${low}.s3.${region}.amazonaws.com`;
  if (type.startsWith("aws:s3/bucket")) state.bucket ??= low;
  if (type === "command:local:Command") run(inputs);
  if (type.endsWith(":KeyValueStore")) state.arn = `arn:aws:cloudfront::${account}:key-value-store/${made.name}`;
  resources.push(made);
  await writeKeys(made);
  return { id: made.id || `${made.name}-id`, state };
}

/** A build command of a site. */
function run({ create, dir, environment }: Record<string, unknown>): void {
  const env = { ...process.env, ...(environment as Record<string, string> | undefined) };
  execSync(String(create), { cwd: String(dir), stdio: ["ignore", "ignore", "inherit"], env });
}

function call({ token, inputs }: Called): object {
  if (token.includes("getRegion")) return { region, name: region, id: region };
  if (token.includes("getPartition")) return { partition: "aws", dnsSuffix: "amazonaws.com" };
  if (token.includes("getCallerIdentity")) return { accountId: account, arn: `arn:aws:iam::${account}:root` };
  if (token.includes("getPolicyDocument")) return { json: JSON.stringify({ Statement: inputs.statements ?? [] }) };
  if (token.includes("getZone")) return { zoneId: "Z1", name: "example.com" };
  return inputs;
}

async function evaluate(): Promise<void> {
  const project = ["Pulumi.yaml", "Pulumi.yml"].map((file) => join(process.cwd(), file)).find(existsSync);
  const main = /main:\s*(.+)/.exec(readFileSync(project ?? "", "utf8"))?.[1]?.trim() ?? "";
  const pulumi = createRequire(join(dirname(main), "package.json"))("@pulumi/pulumi") as Pulumi;
  await pulumi.runtime.setMocks({ newResource, call }, "claude-relay", flag("--stack") ?? "ci", command === "preview");
  await pulumi.runtime.runInPulumiStack(
    async () => ((await import(pathToFileURL(main).href)) as { default: unknown }).default,
  );
  // The stack resolves before the last resources are registered.
  await pulumi.runtime.disconnect();
  writeFileSync(process.env.RELAY_RESOURCES ?? "resources.json", JSON.stringify(resources));
  const log = flag("--event-log");
  const ends = [
    { summaryEvent: { durationSeconds: 1, resourceChanges: { create: resources.length } } },
    { cancelEvent: {} },
  ];
  const line = (event: object, sequence: number) => JSON.stringify({ sequence, timestamp: 0, ...event });
  if (log) appendFileSync(log, `${ends.map(line).join("\n")}\n`);
}

function initialize(): void {
  const [, app = "", stage = ""] = name.split("/");
  const file = join(process.cwd(), ".pulumi/stacks", app, `${stage}.json`);
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const manifest = { time: new Date(0).toISOString(), magic: "", version: "v3.215.0" };
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: name, latest: { manifest, resources: [] } } }));
}

/** As Pulumi tells an error of the program: an event of its log, which `sst` words for its user. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const log = flag("--event-log");
  const told = { diagnosticEvent: { prefix: "error: ", message, color: "never", severity: "error" } };
  if (log) appendFileSync(log, `${JSON.stringify({ sequence: 0, timestamp: 0, ...told })}\n`);
  console.error(message);
  process.exit(1);
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

if (command === "version") console.log("v3.215.0");
else if (command === "stack" && sub === "export") console.log(JSON.stringify({ version: 3, deployment: {} }));
else if (command === "stack" && sub === "output") console.log("{}");
else if (command === "stack" && sub === "init") initialize();
else if (command === "config" && !sub.startsWith("set")) console.log("{}");
else if (["preview", "up"].includes(command)) await evaluate().catch(fail);
process.exit(0);
