import type { EndpointName } from "../functions/routes.ts";

export interface Mount {
  readonly endpoint: EndpointName;
  readonly expression: string;
  /** First segments of its paths, up to a colon: `api`, `v1`, `v1internal`. */
  readonly segments: readonly string[];
}

/** First segments of paths, up to a colon: `api`, `v1`, `v1internal`. */
export function segmentsOf(shapes: Iterable<string>): string[] {
  return [...new Set([...shapes].map((shape) => /^\/([^/:]*)/.exec(shape)?.[1] ?? ""))];
}

/** For each first segment the mounts that may fit, by their place in the list: the router tests no others. */
export function listRows(mounts: readonly Mount[]): Record<string, number[]> {
  const rows: Record<string, number[]> = {};
  for (const [row, { segments }] of mounts.entries()) for (const segment of segments) (rows[segment] ??= []).push(row);
  return rows;
}
