import { expect, test } from "vitest";
import { openDesk } from "../../../test/admin/desk.ts";
import { putKey } from "../../core/keys/key.ts";

test("a key that may have leaked says so in its view, until somebody takes the notice off", async () => {
  const desk = await openDesk();
  try {
    const { body: made } = await desk.admin("POST", "/admin/keys", { body: { name: "one" } });
    expect(made.leak).toBeNull();
    const leak = { at: desk.env.now(), networks: 12 };
    await putKey({ id: made.id as string, hash: "" }, { leak }, desk.env);
    const path = `/admin/keys/${String(made.id)}`;
    expect((await desk.admin("GET", path)).body.leak).toEqual(leak);
    expect((await desk.admin("PATCH", path, { body: { leak: null } })).status).toBe(400);
    expect((await desk.admin("DELETE", `${path}/leak`)).body.leak).toBeNull();
    expect((await desk.admin("GET", path)).body).toMatchObject({ leak: null, isEnabled: true, state: "active" });
    expect((await desk.admin("DELETE", "/admin/keys/nobody/leak")).status).toBe(404);
  } finally {
    await desk.stop();
  }
});
