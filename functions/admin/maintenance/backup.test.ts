import { afterEach, beforeEach, expect, test } from "vitest";
import { openDesk, type Desk } from "../../../test/admin/desk.ts";
import { testEnvironment } from "../../../test/environment.ts";
import { addAccount, addKey } from "../../../test/rig.ts";
import { listAudit } from "../../core/people/audit.ts";
import { listKeys } from "../../core/keys/key.ts";
import { mostBytes } from "./backup.ts";

const passphrase = "correct horse battery staple";
const password = testEnvironment.ADMIN_PASSWORD;

let desk: Desk;
let other: Desk;
beforeEach(async () => {
  [desk, other] = await Promise.all([openDesk(), openDesk()]);
  await addAccount(desk.env, { id: "one" }, { kind: "api-key", secret: "sk-of-the-account" });
  await addKey(desk.env, { name: "Ann" });
});
afterEach(() => Promise.all([desk.stop(), other.stop()]));

const send = (to: Desk, path: string, body: object) => to.admin("POST", `/admin/backup/${path}`, { body });

test("a file goes from one relay to the other, with a plan first", async () => {
  const { status, body, text } = await send(desk, "export", { passphrase, sanitised: false, password });
  expect(status, text).toBe(200);
  const { name, file } = body as unknown as { name: string; file: string };
  expect(name).toMatch(/^claude-relay-\d{4}-\d\d-\d\d\.backup$/);
  const plan = await send(other, "plan", { passphrase, file });
  expect(plan.body).toMatchObject({ sanitised: false });
  expect(plan.text).toContain('{"kind":"keys","new":1,"same":0,"different":0}');
  expect(await listKeys(other.env)).toEqual([]);
  expect((await send(other, "import", { passphrase, file, password })).status).toBe(200);
  expect((await listKeys(other.env)).map((key) => key.name)).toEqual(["Ann"]);
  expect((await send(other, "plan", { passphrase, file })).text).toContain(
    '{"kind":"keys","new":0,"same":1,"different":0}',
  );
});

test("secrets leave only for who shows the password again, and neither word stands in the audit log", async () => {
  const wrong = await send(desk, "export", { passphrase, sanitised: false, password: "a wrong guess" });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining("is not the password")]);
  expect((await send(desk, "export", { passphrase, sanitised: false })).status).toBe(400);
  expect((await send(desk, "export", { passphrase, sanitised: false, password })).status).toBe(200);
  expect((await send(desk, "export", { passphrase, sanitised: true })).status).toBe(200);
  const { items } = await listAudit({ operation: "exportBackup" }, { before: "+", most: 9 }, desk.env);
  expect(items.map(({ entry }) => entry.status)).toEqual([200, 200, 400, 400]);
  for (const secret of [passphrase, password, "a wrong guess", "sk-of-the-account"])
    expect(JSON.stringify(items)).not.toContain(secret);
});

test("a wrong passphrase, a strange file and one that is too large are refused with their reason", async () => {
  const { body } = await send(desk, "export", { passphrase, sanitised: true });
  const { file } = body as unknown as { file: string };
  const asked = async (word: string, given: string) =>
    (await send(other, "import", { passphrase: word, file: given, password })).text;
  expect(await asked("another passphrase", file)).toMatch(/passphrase is wrong/);
  expect(await asked(passphrase, file.slice(0, -8))).toMatch(/cut off/);
  expect(await asked(passphrase, Buffer.from("no backup\n").toString("base64"))).toMatch(/no backup of this relay/);
  expect(await asked(passphrase, Buffer.alloc(mostBytes + 3).toString("base64"))).toMatch(/4 MB.*npx claude-relay/);
});
