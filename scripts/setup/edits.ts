import { isDeepStrictEqual } from "node:util";
import { parse as parseToml, patch } from "@decimalturn/toml-patch";
import { applyEdits, modify, parse as parseJson, printParseErrorCode, type ParseError } from "jsonc-parser";

/** What a program's file is to hold: by path within it, or by name. */
export type Wanted = readonly (readonly [path: readonly string[], value: unknown])[];

/** A file that cannot be read as what it is must be mended by its owner; nothing is written then. */
export class UnreadableFile extends Error {}

const eolOf = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");

/** JSON as Claude Code, VS Code and Gemini CLI read it: with comments, and a comma too many. All else stays as it is. */
export function editJson(text: string, wanted: Wanted): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const bare = text.slice(mark.length);
  let edited = bare.trim() === "" ? `{}${eolOf(bare)}` : bare;
  const errors: ParseError[] = [];
  const whole: unknown = parseJson(edited, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = edited.slice(0, first.offset).split("\n").length;
    throw new UnreadableFile(`line ${line}: ${printParseErrorCode(first.error)}`);
  }
  if (typeof whole !== "object" || whole === null || Array.isArray(whole))
    throw new UnreadableFile("it holds no object");
  const indent = /^([ \t]+)\S/m.exec(edited)?.[1] ?? "  ";
  const insertSpaces = !indent.startsWith("\t");
  const formattingOptions = { insertSpaces, tabSize: insertSpaces ? indent.length : 1, eol: eolOf(edited) };
  for (const [path, value] of wanted) {
    if (isDeepStrictEqual(valueAt(parseJson(edited), path), value)) continue;
    edited = applyEdits(edited, modify(edited, [...path], value, { formattingOptions }));
  }
  return mark + edited;
}

const valueAt = (whole: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    whole,
  );

/** TOML as Codex reads it. A table that is not there yet is put at the end, where it always may stand. */
export function editToml(text: string, wanted: Wanted): string {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  let edited = text.slice(mark.length);
  const expected = readToml(edited);
  const tables = new Map<string, [string, unknown][]>();
  for (const [path, value] of wanted) {
    const [table, name = ""] = [path.slice(0, -1), path.at(-1)];
    if (valueAt(expected, table) === undefined && table.length > 0 && !isInline(edited, table[0] ?? ""))
      tables.set(table.join("."), [...(tables.get(table.join(".")) ?? []), [name, value]]);
    else {
      const changed = readToml(edited);
      put(changed, path, value);
      edited = patch(edited, changed);
    }
  }
  for (const [path, value] of wanted) put(expected, path, value);
  const eol = eolOf(edited);
  for (const [table, rows] of tables) {
    const gap = edited === "" ? "" : edited.endsWith("\n") ? eol : eol + eol;
    edited += `${gap}[${table}]${eol}${rows.map(([name, value]) => `${name} = ${JSON.stringify(value)}${eol}`).join("")}`;
  }
  // Another's syntax tree is not trusted with another's file: what was written must say what was meant, and no more.
  if (!isDeepStrictEqual(readToml(edited), expected))
    throw new UnreadableFile("it cannot be changed without touching more than is meant");
  return mark + edited;
}

const isInline = (text: string, name: string) => new RegExp(`^\\s*${name}\\s*=`, "m").test(text);

function readToml(text: string): Record<string, unknown> {
  try {
    return structuredClone(parseToml(text)) as Record<string, unknown>;
  } catch (error) {
    throw new UnreadableFile(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
}

function put(whole: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = whole;
  for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
}

/** Lines `NAME=value`, as Codex and Gemini CLI read them from the `.env` of their directory. */
export function editEnv(text: string, wanted: Wanted): string {
  const eol = eolOf(text);
  let edited = text;
  for (const [[name = ""], value] of wanted) {
    const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=).*$`, "m");
    const written = `${name}=${String(value)}`;
    if (line.test(edited)) edited = edited.replace(line, () => written);
    else edited += `${edited === "" || edited.endsWith("\n") ? "" : eol}${written}${eol}`;
  }
  return edited;
}
