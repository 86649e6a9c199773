/**
 * Every route on one screen. The Node server serves this table, infra/ deploys one function an endpoint and routes to it,
 * the docs list it. In a path `:name` captures one segment; a final `/*` takes the path itself and everything below it.
 * `endpoint` is a file under endpoints/ that exports `handle`. Memory in MB, timeout in seconds.
 */
export interface Route {
  readonly methods: readonly Method[];
  readonly path: string;
  readonly endpoint: EndpointName;
}

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Size {
  readonly memory: number;
  readonly timeout: number;
}

const relay: Size = { memory: 512, timeout: 900 };
const page: Size = { memory: 512, timeout: 30 };
const job: Size = { memory: 512, timeout: 300 };

export const endpoints = {
  "relay/messages": relay,
  "relay/count-tokens": { memory: 512, timeout: 120 },
  "relay/models": page,
  "relay/responses": relay,
  "relay/chat-completions": relay,
  "relay/embeddings": { memory: 512, timeout: 120 },
  "relay/images": relay,
  "relay/openai-models": page,
  "relay/azure": relay,
  "relay/gemini": relay,
  "relay/gemini-models": page,
  "relay/code-assist": relay,
  "relay/stored": relay,
  "relay/own-key": page,
  "admin/session": page,
  "admin/accounts": { memory: 512, timeout: 120 },
  "admin/oauth": { memory: 512, timeout: 60 },
  "admin/keys": page,
  "admin/usage": page,
  "admin/logs": page,
  "admin/audit": page,
  "admin/alerts": { memory: 512, timeout: 60 },
  "admin/settings": page,
  "admin/backup": { memory: 1024, timeout: 300 },
  "admin/maintenance": job,
  "admin/openapi": page,
  "cron/refresh": job,
  "cron/cleanup": job,
  "cron/rollup": job,
  metrics: page,
  health: { memory: 256, timeout: 10 },
} as const satisfies Record<string, Size>;

export type EndpointName = keyof typeof endpoints;

const every: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const on = (methods: readonly Method[], path: string, endpoint: EndpointName): Route => ({ methods, path, endpoint });
const get = (path: string, endpoint: EndpointName) => on(["GET"], path, endpoint);
const post = (path: string, endpoint: EndpointName) => on(["POST"], path, endpoint);

const anthropic = (mount: string) => [
  post(`${mount}/v1/messages`, "relay/messages"),
  post(`${mount}/v1/messages/count_tokens`, "relay/count-tokens"),
  get(`${mount}/v1/models`, "relay/models"),
  get(`${mount}/v1/models/:id`, "relay/models"),
];

/** What providers keep: at the root, the headers tell whose language it is. */
const stored = [
  ...["/api", "/claude", ""].flatMap((mount) =>
    ["files", "messages/batches", "skills"].map((at) => `${mount}/v1/${at}`),
  ),
  ...["/openai", "/openai/v1", "/v1", ""].flatMap((mount) => [`${mount}/files`, `${mount}/batches`]),
  ...["/gemini", ""].flatMap((mount) =>
    ["/v1beta", "/v1"].flatMap((version) => [
      ...[`${mount}/upload${version}/files`, `${mount}${version}/files`, `${mount}${version}/cachedContents`],
    ]),
  ),
];

const both = (path: string) => [path, `/v1${path}`];

const openai = (mount: string) => [
  ...both("/responses").flatMap((path) => [
    post(`${mount}${path}`, "relay/responses"),
    // Codex asks for a WebSocket first where it thinks that one may be had.
    get(`${mount}${path}`, "relay/responses"),
    post(`${mount}${path}/compact`, "relay/responses"),
    post(`${mount}${path}/input_tokens`, "relay/responses"),
  ]),
  ...both("/chat/completions").map((path) => post(`${mount}${path}`, "relay/chat-completions")),
  ...both("/embeddings").map((path) => post(`${mount}${path}`, "relay/embeddings")),
  // Codex searches and draws for models that call these as tools.
  ...["/images/generations", "/images/edits", "/alpha/search"].flatMap((path) =>
    both(path).map((each) => post(`${mount}${each}`, "relay/images")),
  ),
  ...both("/models").flatMap((path) => [
    get(`${mount}${path}`, "relay/openai-models"),
    get(`${mount}${path}/:id`, "relay/openai-models"),
  ]),
];

const azureDeployment = "/azure/openai/deployments/:deployment";

/** Model and method are one segment: `gemini-2.5-pro:generateContent`. */
const gemini = (mount: string) => [
  ...["/v1beta", "/v1"].map((version) => post(`${mount}${version}/models/:call`, "relay/gemini")),
  // At the root, the list under /v1 is Anthropic's.
  ...(mount === "" ? ["/v1beta"] : ["/v1beta", "/v1"]).flatMap((version) => [
    get(`${mount}${version}/models`, "relay/gemini-models"),
    get(`${mount}${version}/models/:id`, "relay/gemini-models"),
  ]),
];

/** What Gemini CLI calls when it is signed in. */
const codeAssistMethods = [
  ...["loadCodeAssist", "onboardUser", "countTokens", "generateContent", "streamGenerateContent"],
  ...["retrieveUserQuota", "listExperiments", "fetchAdminControls", "recordCodeAssistMetrics"],
  "setCodeAssistGlobalUserSetting",
];

const codeAssist = (mount: string) => [
  ...codeAssistMethods.map((method) => post(`${mount}/v1internal:${method}`, "relay/code-assist")),
  get(`${mount}/v1internal:getCodeAssistGlobalUserSetting`, "relay/code-assist"),
  get(`${mount}/v1internal/operations/:id`, "relay/code-assist"),
];

export const routes: readonly Route[] = [
  ...["/api", "/claude", ""].flatMap(anthropic),
  ...["/gemini", ""].flatMap(gemini),
  ...["/gemini", ""].flatMap(codeAssist),
  // After Anthropic's, whose GET /v1/models stands at the root.
  ...["/openai", ""].flatMap(openai),
  ...["/api", "/openai/claude", "/openai/gemini"].map((mount) =>
    post(`${mount}/v1/chat/completions`, "relay/chat-completions"),
  ),
  ...["/chat/completions", "/embeddings", "/images/generations"].map((path) =>
    post(`${azureDeployment}${path}`, "relay/azure"),
  ),
  on(["GET", "POST"], "/azure/*", "relay/azure"),
  ...[...new Set(stored)].map((path) => on(every, `${path}/*`, "relay/stored")),
  ...["/api/v1/usage", "/api/v1/key-info", "/api/v1/me"].map((path) => get(path, "relay/own-key")),
  // What Claude Code's /usage asks below its base URL.
  ...["/api", "/claude", ""].map((base) => get(`${base}/api/oauth/usage`, "relay/own-key")),
  // Both forms of the address that guides tell to set as ANTHROPIC_BASE_URL.
  ...["/api", "/api/", "/claude", "/claude/"].map((path) => on(["GET", "HEAD"], path, "health")),
  // Claude Code with a sign-in token asks this before its first request.
  ...["/api/hello", "/api/api/hello", "/claude/api/hello"].map((path) => on(["GET", "HEAD"], path, "health")),
  ...["/health", "/live"].map((path) => on(["GET", "HEAD"], path, "health")),
  get("/metrics", "metrics"),
  on(every, "/admin/session/*", "admin/session"),
  on(every, "/admin/accounts/*", "admin/accounts"),
  get("/admin/vendors", "admin/accounts"),
  on(every, "/admin/oauth/*", "admin/oauth"),
  on(every, "/admin/keys/*", "admin/keys"),
  on(every, "/admin/usage/*", "admin/usage"),
  on(every, "/admin/logs/*", "admin/logs"),
  on(every, "/admin/audit/*", "admin/audit"),
  on(every, "/admin/alerts/*", "admin/alerts"),
  ...["groups", "prices", "settings"].map((name) => on(every, `/admin/${name}/*`, "admin/settings")),
  on(every, "/admin/backup/*", "admin/backup"),
  on(every, "/admin/maintenance/*", "admin/maintenance"),
  get("/admin/openapi.json", "admin/openapi"),
  post("/cron/refresh", "cron/refresh"),
  post("/cron/cleanup", "cron/cleanup"),
  post("/cron/rollup", "cron/rollup"),
];

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/** The route of a path, undefined if none; `isOtherMethod` tells 405 from 404. */
export function match(method: string, path: string): { found?: Match; isOtherMethod: boolean } {
  let isOtherMethod = false;
  for (const route of routes) {
    const params = capture(route.path, path);
    if (!params) continue;
    if ((route.methods as readonly string[]).includes(method))
      return { found: { route, params }, isOtherMethod: false };
    isOtherMethod = true;
  }
  return { isOtherMethod };
}

function capture(pattern: string, path: string): Record<string, string> | undefined {
  if (pattern === path) return {};
  if (pattern.endsWith("/*")) {
    const base = pattern.slice(0, -2);
    return path === base || path.startsWith(`${base}/`) ? {} : undefined;
  }
  if (!pattern.includes(":")) return undefined;
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== value) return undefined;
    } else if (value === "") return undefined;
    else params[segment.slice(1)] = decode(value);
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
