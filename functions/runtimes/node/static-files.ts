import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { json, type Answer, type Headers } from "../../wire/exchange.ts";

/** Answers a GET or HEAD of `/`, `/web` and below; undefined for every other path. */
export type Console = (path: string, headers: Headers) => Promise<Answer> | undefined;

export interface ConsoleOptions {
  /** The built console; undefined or absent is told to the visitor. */
  readonly directory: string | undefined;
  /** A logo from elsewhere must be named in the content security policy. */
  readonly logoUrl?: string | undefined;
  /** The operator's PUBLIC_URL is https: browsers are told to come by nothing else. */
  readonly isHttps?: boolean;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".sh": "text/plain; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json",
};

interface Page {
  readonly file: string;
  readonly type: string;
  /** Vite puts a hash of the content into the names under assets/: such a file never changes. */
  readonly isHashed: boolean;
}

interface Loaded {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/**
 * The static console under `/web`. Only files that were there at the start are served, by name, so no path leads out of the
 * directory. A path without a file is a page of the console (it routes by itself) and gets index.html.
 */
export function buildConsole({ directory, logoUrl, isHttps = false }: ConsoleOptions): Console {
  const pages = directory && existsSync(directory) ? listPages(directory) : new Map<string, Page>();
  const loaded = new Map<string, Promise<Loaded>>();
  const security = { ...securityHeaders(logoUrl), ...(isHttps ? onlyHttps : {}) };
  const load = (page: Page) => {
    const known = loaded.get(page.file) ?? read(page.file);
    loaded.set(page.file, known);
    return known;
  };
  return (path, headers) => {
    if (path === "/") return Promise.resolve({ status: 302, headers: { ...security, location: "/web" }, body: "" });
    if (path !== "/web" && !path.startsWith("/web/")) return undefined;
    const name = path.slice("/web/".length);
    const page = pages.get(name) ?? (isPageOfItsOwn(name) ? pages.get("index.html") : undefined);
    if (!page) return Promise.resolve(missing(path, pages.size === 0));
    return load(page).then((file) => answer(page, file, headers, security));
  };
}

/** A name with a dot means a file; one that is not there is a mistake, not a page. */
const isPageOfItsOwn = (name: string) => !name.slice(name.lastIndexOf("/") + 1).includes(".");

function answer(page: Page, file: Loaded, request: Headers, security: Headers): Answer {
  const headers = {
    ...security,
    "content-type": page.type,
    "cache-control": page.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    etag: file.etag,
    vary: "accept-encoding",
  };
  if (request["if-none-match"] === file.etag) return { status: 304, headers, body: "" };
  const isZipped = /\bgzip\b/.test(request["accept-encoding"] ?? "") && file.gzipped.length < file.plain.length;
  if (!isZipped) return { status: 200, headers, body: file.plain };
  return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, body: file.gzipped };
}

function missing(path: string, isUnbuilt: boolean): Answer {
  const message = isUnbuilt ? "The console is not built here; run: npm run build" : `There is no ${path} here.`;
  return json(404, { error: { code: "route.unknown", message } });
}

async function read(file: string): Promise<Loaded> {
  const plain = readFileSync(file);
  const etag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { plain, gzipped: await promisify(gzip)(plain, { level: 9 }), etag };
}

function listPages(directory: string): Map<string, Page> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
  const pages = new Map<string, Page>();
  for (const name of names) {
    const type = types[extname(name)];
    if (type) pages.set(name, { file: join(directory, name), type, isHashed: name.startsWith("assets/") });
  }
  return pages;
}

/** A year, for this host only: what else the operator has under the domain is not ours to shut (RFC 6797). */
const onlyHttps: Headers = { "strict-transport-security": "max-age=31536000" };

/** The console loads nothing from elsewhere and may not be framed (OWASP Secure Headers Project). */
export function securityHeaders(logoUrl?: string): Headers {
  const logo = logoUrl ? ` ${new URL(logoUrl).origin}` : "";
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    `img-src 'self' data:${logo}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
  };
}
