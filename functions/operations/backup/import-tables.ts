import { keysTable, newKeysVersion } from "../../core/keys/key.ts";
import { poolTable, putPool } from "../../core/accounts/pool.ts";
import { seal, unseal } from "../../core/accounts/seal.ts";
import type { Taker, Taking } from "./importer.ts";
import type { Line, TableLine } from "./record.ts";

const mostFields = 2_000;
const mostBytes = 262_144;

/** One look and one write for many records of a table. */
export function tableImport(taking: Taking): Taker {
  let held: TableLine[] = [];
  let fields = 0;
  let bytes = 0;
  const finish = async () => {
    const lines = held;
    held = [];
    fields = bytes = 0;
    if (lines.length > 0) await takeBatch(lines, taking);
  };
  return {
    finish,
    async take(line: Line) {
      if (!("table" in line)) return;
      if (held[0] && (held[0].table !== line.table || fields > mostFields || bytes > mostBytes)) await finish();
      held.push(line);
      fields += Object.keys(line.fields).length;
      bytes += JSON.stringify(line).length;
    },
  };
}

type Values = ReadonlyMap<string, string | undefined>;

async function takeBatch(lines: readonly TableLine[], taking: Taking): Promise<void> {
  const { env, isWriting } = taking;
  const table = lines[0]?.table ?? "";
  const names = [...new Set(lines.flatMap(namesOf))];
  const found = await env.store.find(table, names);
  const values: Values = new Map(names.map((name, index) => [name, found[index]]));
  const changes: Record<string, string> = {};
  for (const line of lines) Object.assign(changes, takeLine(line, values, taking));
  if (!isWriting || Object.keys(changes).length === 0) return;
  if (table === poolTable) return putPool(parseAll(changes), env);
  await env.store.put(table, table === keysTable ? { ...changes, ...newKeysVersion() } : changes);
}

const namesOf = ({ fields, sealed = {} }: TableLine): string[] => [...Object.keys(fields), ...Object.keys(sealed)];

/** The fields of a line that the store has not, or has otherwise. */
function takeLine(line: TableLine, values: Values, taking: Taking): Record<string, string> {
  const names = namesOf(line);
  const differing = names.filter((name) => !isKeptHere(name, line, values) && !isSame(name, line, values, taking));
  // A row of usage is a record of its own; elsewhere a line is one record.
  if (line.kind === "usage") for (const name of names) taking.count("usage", outcomeOf([name], differing, values));
  else taking.count(line.kind, outcomeOf(names, differing, values));
  return Object.fromEntries(differing.map((name) => [name, encode(name, line, taking)]));
}

function outcomeOf(
  names: readonly string[],
  differing: readonly string[],
  values: Values,
): "new" | "same" | "different" {
  if (names.every((name) => !differing.includes(name))) return "same";
  return names.every((name) => values.get(name) === undefined) ? "new" : "different";
}

/** A token that was renewed here since the file was written is the one that holds: the file's was spent with that. */
function isKeptHere(name: string, { table, fields, isOnlyNew }: TableLine, values: Values): boolean {
  if (isOnlyNew) return values.get(name) !== undefined;
  const [, account, column] = /^account\/([^/]+)\/(credential|credentialExpiresAt)$/.exec(name) ?? [];
  if (table !== poolTable || account === undefined || column === undefined) return false;
  const field = `account/${account}/credentialExpiresAt`;
  return Number(values.get(field) ?? 0) > Number(fields[field] ?? 0);
}

function isSame(name: string, { fields, sealed }: TableLine, values: Values, { env }: Taking): boolean {
  const value = values.get(name);
  const plain = sealed?.[name];
  if (value === undefined || plain === undefined) return value === fields[name] && value !== undefined;
  try {
    return unseal(String(JSON.parse(value)), name, env.config) === plain;
  } catch (error) {
    // What does not open here is no use here either.
    void error;
    return false;
  }
}

/** As the store keeps it: a secret sealed with the key of this relay, bound to its field. */
function encode(name: string, { fields, sealed }: TableLine, { env }: Taking): string {
  const plain = sealed?.[name];
  return plain === undefined ? (fields[name] ?? "null") : JSON.stringify(seal(plain, name, env.config));
}

const parseAll = (fields: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, JSON.parse(value) as unknown]));
