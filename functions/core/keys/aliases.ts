/** The model that a table of aliases makes of another: an exact entry, else the longest prefix entry (`claude-3*`), else itself. */
export function resolveAlias(model: string, aliases: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(aliases, model)) return aliases[model] ?? model;
  let longest = "";
  for (const pattern in aliases) {
    if (pattern.endsWith("*") && pattern.length > longest.length && model.startsWith(pattern.slice(0, -1)))
      longest = pattern;
  }
  return longest === "" ? model : (aliases[longest] ?? model);
}

/** Whether a list names a model, exactly or by a prefix that ends in `*`. */
export function isListed(model: string, list: readonly string[]): boolean {
  return list.some((entry) => (entry.endsWith("*") ? model.startsWith(entry.slice(0, -1)) : entry === model));
}
