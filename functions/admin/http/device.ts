import { createHmac, randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { deriveKey, isSame } from "../../core/people/password.ts";
import type { Request } from "../../wire/exchange.ts";
import type { CookieKind } from "./cookies.ts";
import { buildCookie, readCookie } from "./cookies.ts";

/** Marks a browser in which somebody has signed in: it lets nobody in, it only has tries of its own (throttle.ts). */
const deviceCookie: CookieKind = { name: "relay_device", path: "/admin/session", seconds: 180 * 86_400 };

/** The id of a browser that has signed in before; undefined if it has not, or shows a mark that the relay did not make. */
export function readDevice(request: Request, env: Env): string | undefined {
  const [id = "", mark = ""] = (readCookie(deviceCookie, request) ?? "").split(".");
  return id !== "" && isSame(mark, markOf(id, env)) ? id : undefined;
}

/** The cookie that marks this browser from now on, or for as long again. */
export function buildDeviceCookie(request: Request, env: Env): string {
  const id = readDevice(request, env) ?? randomUUID();
  return buildCookie(deviceCookie, `${id}.${markOf(id, env)}`, request, env);
}

function markOf(id: string, env: Env): string {
  return createHmac("sha256", deriveKey("admin device", env)).update(id).digest("base64url");
}
