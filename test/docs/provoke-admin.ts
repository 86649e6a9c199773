import { Secret, TOTP } from "otpauth";
import { environment, openDesk, type Desk } from "../admin/desk.ts";

/** What the console is told when signing in goes wrong. */
export async function provokeAdmin(): Promise<string[]> {
  const desk = await openDesk();
  try {
    const told = [await finish(desk), ...(await guessCode(desk))];
    for (let tries = 0; tries < 11; tries += 1) told.push(await signIn(desk, { password: "guess" }));
    return told;
  } finally {
    await desk.stop();
  }
}

const messageOf = ({ body }: { body: any }) => String(body?.error?.message);

async function signIn(desk: Desk, more: object): Promise<string> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = environment;
  return messageOf(await desk.ask("POST", "/admin/session", { body: { username, password, bearer: true, ...more } }));
}

async function finish(desk: Desk): Promise<string> {
  const state = "s".repeat(43);
  const body = { state, code: `${"c".repeat(48)}#${state}`, name: "Any" };
  return messageOf(await desk.admin("POST", "/admin/oauth/finish", { body }));
}

async function guessCode(desk: Desk): Promise<string[]> {
  const path = "/admin/session/second-factor";
  const { body } = await desk.admin("POST", path, { body: { password: environment.ADMIN_PASSWORD } });
  const code = new TOTP({ secret: Secret.fromBase32(String(body.secret)) }).generate({ timestamp: desk.env.now() });
  await desk.admin("PUT", path, { body: { code } });
  return [await signIn(desk, {}), await signIn(desk, { code: "123456" })];
}
