/** What a table has under a name that somebody else chose: `constructor` and `__proto__` are in no table. */
export function lookUp<T>(table: Readonly<Record<string, T>>, name: unknown): T | undefined {
  const key = String(name);
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A map of at most so many entries: the one that was set longest ago gives way. */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #most: number;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override set(key: K, value: V): this {
    this.delete(key);
    if (this.size >= this.#most) for (const oldest of this.keys()) return (this.delete(oldest), super.set(key, value));
    return super.set(key, value);
  }

  getOrMake(key: K, make: () => V): V {
    const found = this.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.set(key, made);
    return made;
  }
}

/** A pure function that remembers its last answers. What is asked of may come from clients: nothing longer than `longest` is kept. */
export function memoize<K, V>(most: number, compute: (key: K) => V, longest = 256): (key: K) => V {
  const known = new BoundedMap<K, V>(most);
  return (key) =>
    typeof key === "string" && key.length > longest ? compute(key) : known.getOrMake(key, () => compute(key));
}
