/** What a table has under a name that somebody else chose: `constructor` and `__proto__` are in no table. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: unknown): T | undefined {
  const key = String(name);
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
