import type { Key } from "../../api/keys.ts";

type Cell = string | number | boolean | null;

/** A cell that a spreadsheet would run as a formula is told to be text (owasp.org/www-community/attacks/CSV_Injection). */
function cell(value: Cell): string {
  const text = value === null ? "" : String(value);
  const plain = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** RFC 4180, with the mark by which spreadsheets know UTF-8. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

const columns = [
  "id",
  "name",
  "prefix",
  "state",
  "owner",
  "tags",
  "description",
  "createdAt",
  "firstUsedAt",
  "endsAt",
  "permissions",
  "clients",
  "allowedModels",
  "blockedModels",
  "ips",
  "concurrency",
  "windowMinutes",
  "windowRequests",
  "windowTokens",
  "windowCostUsd",
  "dailyCostUsd",
  "weeklyCostUsd",
  "totalCostUsd",
  "totalTokens",
] as const satisfies readonly (keyof Key)[];

/** Keys as a table for spreadsheets; instants in ISO 8601. */
export function keysToCsv(keys: readonly Key[]): string {
  return toCsv([columns, ...keys.map((key) => columns.map((column) => valueOf(key, column)))]);
}

function valueOf(key: Key, column: (typeof columns)[number]): Cell {
  const value = key[column];
  if (Array.isArray(value)) return value.join(" ");
  if (column.endsWith("At") && typeof value === "number") return new Date(value).toISOString();
  return value as Cell;
}
