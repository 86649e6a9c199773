import { match, routes } from "../../functions/routes.ts";

export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
}

/** Requests for every row of the table, with the endpoint that the table itself names: an earlier row may take a path. */
export function sampleRequests(): SampleRequest[] {
  const all = routes.flatMap(({ methods, path }) =>
    methods.flatMap((method) => pathsOf(path).map((sample) => ({ method, path: sample }))),
  );
  return all.map(({ method, path }) => {
    const endpoint = match(method, path).found?.route.endpoint;
    if (endpoint === undefined) throw new Error(`The table does not find ${method} ${path}.`);
    return { method, path, endpoint };
  });
}

function pathsOf(pattern: string): string[] {
  const filled = pattern.replaceAll(/\/:[^/]+/g, "/some-model.v1:generateContent");
  if (!filled.endsWith("/*")) return [filled];
  return ["", "/one", "/one/two"].map((tail) => filled.slice(0, -2) + tail);
}
