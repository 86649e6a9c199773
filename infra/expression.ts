/**
 * The path of a route as a regular expression: parameters lose their names, and Google's custom methods (AIP-136, such as
 * `/v1internal:countTokens`) theirs, which are the function's to know.
 */
export function shapeOf(path: string): string {
  const segments = path.split("/").map((segment) => {
    if (segment === "*") return "*";
    return segment.startsWith(":") ? ":" : segment.replaceAll(".", "\\.").replace(/:.*/, "::");
  });
  return segments.join("/");
}

/** One expression for many shapes, folded from their ends, which they share: a CloudFront function has 10 kB in all. */
export function buildExpression(shapes: readonly string[]): string {
  const wholes = shapes.filter((shape) => shape.endsWith("/*")).map((shape) => shape.slice(0, -1));
  const kept = shapes.filter((shape) => shape.endsWith("/*") || !wholes.some((whole) => shape.startsWith(whole)));
  return fold(kept.map((shape) => shape.split("/").slice(1)));
}

function fold(shapes: readonly (readonly string[])[]): string {
  const startsByEnd = new Map<string | undefined, (readonly string[])[]>();
  for (const shape of shapes) {
    const end = shape.at(-1);
    startsByEnd.set(end, [...(startsByEnd.get(end) ?? []), shape.slice(0, -1)]);
  }
  const endsByStart = new Map<string, string[]>();
  for (const [end, starts] of startsByEnd) {
    const start = end === undefined ? "" : fold(starts);
    endsByStart.set(start, [...(endsByStart.get(start) ?? []), end === undefined ? "" : express(end)]);
  }
  return oneOf([...endsByStart].map(([start, ends]) => start + oneOf(ends)));
}

/** A segment with its slash; nothing at all fits a final `*` too. */
const express = (segment: string) => {
  if (segment === "*") return "(?:/.*)?";
  return `/${segment === ":" ? "[^/]+" : segment.replace("::", ":[^/]+")}`;
};

export const oneOf = (parts: readonly string[]) => (parts.length === 1 ? parts.join("") : `(?:${parts.join("|")})`);
