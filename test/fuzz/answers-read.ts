/** What RFC 9112 demands of a server's bytes, and what each language's documents demand of its errors. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** As that to HEAD is. */
  readonly isBodiless: boolean;
  /** The connection ended before the answer did. */
  readonly isCut: boolean;
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/;
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;

/** All answers in what a server sent on one connection, in order. Throws for what is no HTTP. */
export function readAnswers(bytes: Buffer, methods: readonly string[], isClosed: boolean): Answer[] {
  const answers: Answer[] = [];
  let at = 0;
  let asked = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf("\r\n\r\n", at, "latin1");
    if (end < 0) throw new Error(`A head does not end: ${quote(bytes, at)}`);
    const [first = "", ...lines] = bytes.toString("latin1", at, end).split("\r\n");
    const status = Number(statusLine.exec(first)?.[1]);
    if (!status) throw new Error(`No status line: ${quote(bytes, at)}`);
    const headers = readHeaders(lines);
    const isBodiless = methods[asked] === "HEAD" || status === 204 || status === 304 || status < 200;
    const framed = isBodiless ? { next: end + 4, body: Buffer.alloc(0), isCut: false } : frame(bytes, end + 4, headers);
    if (framed.isCut && !isClosed && headers.get("connection") !== "close" && framed.next > bytes.length)
      throw new Error(`An answer stands still: ${quote(bytes, at)}`);
    at = framed.next;
    if (status < 200) continue;
    asked += 1;
    answers.push({ status, headers, isBodiless, body: framed.body, isCut: framed.isCut });
  }
  return answers;
}

function readHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = field.exec(line) ?? [];
    if (name === "") throw new Error(`No header: ${JSON.stringify(line)}`);
    const known = name.toLowerCase();
    if (headers.has(known) && known !== "set-cookie" && known !== "vary") throw new Error(`Twice: ${known}`);
    headers.set(known, value);
  }
  if (headers.has("content-length") && headers.has("transfer-encoding")) throw new Error("Two lengths of one body.");
  return headers;
}

interface Framed {
  readonly body: Buffer;
  readonly next: number;
  readonly isCut: boolean;
}

function frame(bytes: Buffer, start: number, headers: ReadonlyMap<string, string>): Framed {
  if (headers.get("transfer-encoding") === "chunked") return readChunks(bytes, start);
  const length = headers.get("content-length");
  // Without a length a body ends with its connection.
  if (length === undefined) return { body: bytes.subarray(start), next: bytes.length, isCut: false };
  if (!/^\d+$/.test(length)) throw new Error(`No length: ${length}`);
  const next = start + Number(length);
  return { body: bytes.subarray(start, next), next, isCut: next > bytes.length };
}

function readChunks(bytes: Buffer, start: number): Framed {
  const parts: Buffer[] = [];
  let at = start;
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf("\r\n", at, "latin1");
    if (lineEnd < 0) break;
    const line = bytes.toString("latin1", at, lineEnd);
    if (!/^[0-9A-Fa-f]+$/.test(line)) throw new Error(`No chunk: ${JSON.stringify(line.slice(0, 80))}`);
    const size = parseInt(line, 16);
    const next = lineEnd + 2 + size;
    if (next + 2 > bytes.length) break;
    if (bytes.toString("latin1", next, next + 2) !== "\r\n") throw new Error("A chunk is longer than it says.");
    parts.push(bytes.subarray(lineEnd + 2, next));
    at = next + 2;
    if (size === 0) return { body: Buffer.concat(parts), next: at, isCut: false };
  }
  return { body: Buffer.concat(parts), next: bytes.length + 1, isCut: true };
}

const quote = (bytes: Buffer, at: number) => JSON.stringify(bytes.toString("latin1", at, at + 200));

export type Language = "anthropic" | "openai" | "gemini";

/** The errors' shapes: Anthropic API "Errors"; OpenAI's SDK, `APIError`; Google's `google.rpc.Status` over HTTP. */
const shapes: Readonly<Record<Language, (body: any, status: number) => boolean>> = {
  anthropic: (body) =>
    body?.type === "error" && typeof body.error?.type === "string" && typeof body.error.message === "string",
  openai: ({ error }) =>
    typeof error?.message === "string" &&
    ["type", "param", "code"].every((name) => Object.hasOwn(error as object, name)),
  gemini: ({ error }, status) =>
    error?.code === status && typeof error.message === "string" && typeof error.status === "string",
};

/** What Node's HTTP parser answers by itself, before any route is known. */
const parserStatuses = new Set([400, 408, 413, 431]);

/** Throws for an error of the relay's own, which no input may bring about. */
export function checkOwn({ status, body }: Answer): void {
  if (status === 500) throw new Error(`An error of the relay's own: ${body.toString("utf8").slice(0, 300)}`);
}

/** Throws if an answer above 399 is not an error as its language words it. `language` undefined: any of them, or the neutral one. */
export function checkError({ status, headers, body, isBodiless, isCut }: Answer, language: Language | undefined): void {
  if (status < 400 || isBodiless || isCut) return;
  if (body.length === 0 && parserStatuses.has(status) && headers.get("connection") === "close") return;
  const text = body.toString("utf8");
  const type = headers.get("content-type") ?? "";
  if (!type.includes("json")) throw new Error(`${status} as ${type}: ${text.slice(0, 200)}`);
  const parsed: unknown = JSON.parse(text);
  const isShaped = language
    ? shapes[language](parsed, status)
    : typeof (parsed as { error?: { message?: unknown } }).error?.message === "string";
  if (!isShaped) throw new Error(`${status} is no error of ${language ?? "any language"}: ${text.slice(0, 300)}`);
}
