import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { exportBackup } from "../../operations/backup/export.ts";
import { importBackup, planImport, type Plan } from "../../operations/backup/import.ts";
import { kinds } from "../../operations/backup/record.ts";
import { component } from "../http/component.ts";
import { flag, instant } from "../http/fields.ts";
import { forgetListing } from "../keys/key-listing.ts";
import { operation, type Given, type Operation } from "../http/operation.ts";
import { code } from "../sessions/second-factor-schema.ts";
import { proveBoth } from "../sessions/verify-password.ts";

/** As base64 in JSON it stays below the 6 MB that a Lambda function may take and answer. */
export const mostBytes = 4_000_000;
const mostBody = Math.ceil((mostBytes * 4) / 3) + 4_096;

const passphrase = z.string().check(z.minLength(8), z.maxLength(1_000), z.describe("What the file is encrypted with."));
const base64 = z.string().check(z.maxLength(mostBody), z.regex(/^[A-Za-z0-9+/]*={0,2}$/), z.describe("Base64."));

const BackupInfo = component(
  "BackupInfo",
  z.object({ mostBytes: z.int().check(z.describe("The largest file that goes through the console.")) }),
);
const BackupFile = component("BackupFile", z.object({ name: z.string(), createdAt: instant("When."), file: base64 }));
const BackupPlan = component(
  "BackupPlan",
  z.object({
    sanitised: z.boolean(),
    kinds: z.array(z.object({ kind: z.enum(kinds), new: z.int(), same: z.int(), different: z.int() })),
    notes: z.array(z.string()).check(z.describe("What is not as one might think, in English.")),
  }),
);
const BackupWish = component(
  "BackupWish",
  z.strictObject({
    passphrase,
    sanitised: flag("Without credentials and other secrets."),
    password: z.optional(
      z.string().check(z.maxLength(1_000), z.describe("The operator's, asked again unless the file is sanitised.")),
    ),
    code: z.optional(code),
  }),
);
const BackupInput = component("BackupInput", z.strictObject({ passphrase, file: base64 }));
const BackupImport = component(
  "BackupImport",
  z.strictObject({
    passphrase,
    file: base64,
    password: z.string().check(z.minLength(1), z.maxLength(1_000), z.describe("The operator's, asked again.")),
    code: z.optional(code),
  }),
);

export const backupOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/backup",
    id: "getBackup",
    summary: "How large a backup may be here; larger ones go by `npx claude-relay`. No command.",
    answer: BackupInfo,
    run: () => Promise.resolve({ mostBytes }),
  }),
  operation({
    method: "POST",
    path: "/admin/backup/export",
    id: "exportBackup",
    summary: "Everything as one encrypted file. Commands: three a day with usage and some for each key with limits.",
    body: BackupWish,
    answer: BackupFile,
    run: async ({ body, request, session }, env) => {
      // A session that somebody else got hold of must not be enough to carry every credential away.
      if (!body.sanitised) await prove({ ...body, password: body.password ?? "" }, { session, request }, env);
      const createdAt = env.now();
      const name = `claude-relay-${new Date(createdAt).toISOString().slice(0, 10)}.backup`;
      return { name, createdAt, file: (await gather(exportBackup(body, env))).toString("base64") };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/backup/plan",
    id: "planBackup",
    summary: "What an import would do. Reads the whole file and writes nothing.",
    body: BackupInput,
    bodyLimitBytes: mostBody,
    answer: BackupPlan,
    run: async ({ body }, env) => view(await planImport(opener(body.file), body.passphrase, env)),
  }),
  operation({
    method: "POST",
    path: "/admin/backup/import",
    id: "importBackup",
    summary: "Makes the records those of the file. May be run again. Needs the password, and a code if asked for.",
    body: BackupImport,
    bodyLimitBytes: mostBody,
    answer: BackupPlan,
    async run({ body, session, request }, env) {
      // The file may have a password, a second factor and passkeys, which would outlive the operator's own.
      await prove(body, { session, request }, env);
      try {
        return view(await importBackup(opener(body.file), body.passphrase, env));
      } finally {
        forgetListing(env);
      }
    },
  }),
];

function prove(
  { password, code: shown }: { readonly password: string; readonly code?: string | undefined },
  { session, request }: Pick<Given, "session" | "request">,
  env: Env,
): Promise<unknown> {
  return proveBoth({ username: session?.username ?? "", password, field: "password", code: shown }, request, env);
}

async function gather(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    bytes += piece.length;
    if (bytes > mostBytes) throw tooLarge();
  }
  return Buffer.concat(parts);
}

const opener = (file: string) => {
  const bytes = Buffer.from(file, "base64");
  if (bytes.length > mostBytes) throw tooLarge();
  return async function* () {
    yield bytes;
  };
};

function view({ sanitised, counts, notes }: Plan): z.infer<typeof BackupPlan> {
  return { sanitised, kinds: kinds.map((kind) => ({ kind, ...counts[kind] })), notes: [...notes] };
}

const tooLarge = () =>
  new Failure("request.too-large", {
    message: `The backup is larger than ${mostBytes / 1e6} MB, which is as much as goes through the console: use npx claude-relay export and import.`,
    isRetryable: false,
  });
