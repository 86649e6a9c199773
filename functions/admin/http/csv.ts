import type { Answer, Request } from "../../wire/exchange.ts";

/**
 * Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it, since names and
 * models come from people and programs: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function buildCsv(columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [columns, ...rows].map((cells) => `${cells.map(buildCell).join(",")}\r\n`).join("");
}

function buildCell(value: string | number | null): string {
  if (value === null) return "";
  // Never in the notation 1e-7, which spreadsheets and people read wrongly.
  if (typeof value === "number") return value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 9 });
  const harmless = isFormula(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** What a spreadsheet may run: one of its signs, after blanks or control characters that it skips; or a leading tab or line end. */
function isFormula(value: string): boolean {
  let at = 0;
  while (at < value.length && (value.charCodeAt(at) <= 0x20 || /\s/.test(value.charAt(at)))) at++;
  return /^[\t\r\n]/.test(value) || "=+-@|%".includes(value.charAt(at) || " ");
}

/** An answer that holds a file, as that file, if the client's `accept` names text/csv. */
export function asCsv(request: Request, answer: Answer): Answer {
  const isWanted = /\btext\/csv\b/.test(request.headers.accept ?? "");
  if (!isWanted || answer.status !== 200 || typeof answer.body !== "string") return answer;
  const file = JSON.parse(answer.body) as { name?: unknown; csv?: unknown };
  if (typeof file.csv !== "string" || typeof file.name !== "string") return answer;
  const headers = {
    ...answer.headers,
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="${file.name.replace(/[^\w.-]/g, "_")}"`,
  };
  return { ...answer, headers, body: file.csv };
}
