import { readFileSync } from "node:fs";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import { endpoints } from "../functions/routes.ts";

/** Bundles the server and every Lambda function into dist/, and prints what each weighs. Run by Node as it is. */
const root = fileURLToPath(new URL("..", import.meta.url));

export interface Size {
  readonly name: string;
  /** What is read and compiled at a start: the entry, what it imports at once, and on Lambda the REST store. */
  readonly startBytes: number;
  readonly startGzipBytes: number;
  /** What is loaded only when it is needed, such as a Redis client over TCP. */
  readonly lazyBytes: number;
  /** Packages that would have to be installed beside it. */
  readonly outside: readonly string[];
}

export interface LambdaEntry {
  /** As in routes.ts. */
  readonly name: string;
  /** Exports `handle`; relative to the project. */
  readonly file: string;
  /** The file exports `find` too: its routes are not those of routes.ts. */
  readonly hasOwnRoutes?: boolean;
  readonly directory: string;
}

/**
 * What a start need not load. Importing `node:http` by name reads each of its exports, among them the getters that load Node's
 * own fetch and WebSocket: a seventh of the start. undici's index loads its fetch, caches and mocks; the relay's client takes
 * three of its files (runtimes/http-client/undici.ts).
 */
const leanStart: Plugin = {
  name: "lean-start",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:https?$/ }, ({ path, kind }) =>
      kind === "require-call" ? undefined : { path, namespace: "built-in" },
    );
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "lean" }));
    onLoad({ filter: /.*/, namespace: "lean" }, () => ({ contents: leanUndici, resolveDir: root }));
  },
};

// The index also gives dispatchers their `connect`, by which the agent for a proxy opens its tunnel.
const leanUndici = `require("undici/lib/dispatcher/dispatcher.js").prototype.connect = require("undici/lib/api/api-connect.js");
module.exports = {
  Agent: require("undici/lib/dispatcher/agent.js"),
  ProxyAgent: require("undici/lib/dispatcher/proxy-agent.js"),
  buildConnector: require("undici/lib/core/connect.js"),
};`;

/** Nothing stays outside the bundle: a function and the image need no node_modules. */
export const shared = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minify: true,
  metafile: true,
  write: true,
  legalComments: "none",
  logLevel: "warning",
  plugins: [leanStart],
  outExtension: { ".js": ".mjs" },
  chunkNames: "chunks/[name]-[hash]",
  // `ws` asks for packages that would do by native code what Node does by now; with these names set it asks no more.
  define: { "process.env.WS_NO_BUFFER_UTIL": '"true"', "process.env.WS_NO_UTF_8_VALIDATE": '"true"' },
  // Some libraries are CommonJS and ask for Node's modules by `require`, which an ES module does not have.
  banner: { js: 'import{createRequire as __make}from"node:module";const require=__make(import.meta.url);' },
} as const satisfies BuildOptions;

/** One function: an endpoint and the Lambda adapter, `bundle.handler` of its directory. */
export async function buildLambda({ name, file, hasOwnRoutes = false, directory }: LambdaEntry): Promise<Size> {
  const names = hasOwnRoutes ? "handle, find" : "handle";
  const contents = [
    'import { lambdaHandler } from "./functions/runtimes/lambda/lambda.ts";',
    `import { ${names} } from "./${file}";`,
    `export const handler = lambdaHandler(${JSON.stringify(name)}, ${names});`,
  ].join("\n");
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    ...shared,
    plugins: [...shared.plugins, virtualEntry(contents)],
    entryPoints: { bundle: entryName },
    outdir: directory,
  });
  return measure(name, metafile, directory);
}

/** The server of the Docker image and of `npm start`: `main.mjs`. */
export async function buildServer(directory: string): Promise<Size> {
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    ...shared,
    entryPoints: { main: "functions/runtimes/node/main.ts" },
    outdir: directory,
  });
  return measure("server", metafile, directory);
}

/** A library's ES modules before its CommonJS, which may ask for its own files by `require`. */
const mainFields = ["module", "main"];

/** `cli.mjs` beside the server, and `claude-relay`, which runs it inside the image (docs/moving.md). */
export async function buildCli(directory: string): Promise<Size> {
  const { metafile } = await build({
    ...shared,
    mainFields,
    entryPoints: { cli: "scripts/cli.ts" },
    outdir: directory,
  });
  const command = '#!/bin/sh\nexec node "$(dirname "$0")/cli.mjs" "$@"\n';
  await writeFile(join(directory, "claude-relay"), command, { mode: 0o755 });
  return measure("cli", metafile, directory);
}

/** `setup.mjs`, which the console's directory hands out beside web/public/setup.sh: one file for any machine with Node. */
export async function buildSetup(directory: string): Promise<Size> {
  const { metafile } = await build({
    ...shared,
    ...{ splitting: false, target: "node20", mainFields },
    entryPoints: { setup: "scripts/setup.ts" },
    outdir: directory,
  });
  await copyFile(join(root, "web/public/setup.sh"), join(directory, "setup.sh"));
  return measure("setup", metafile, directory);
}

const entryName = "lambda-entry";

function virtualEntry(contents: string): Plugin {
  return {
    name: entryName,
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: new RegExp(`^${entryName}$`) }, () => ({ path: entryName, namespace: entryName }));
      onLoad({ filter: /.*/, namespace: entryName }, () => ({ contents, resolveDir: root, loader: "ts" }));
    },
  };
}

function measure(name: string, { outputs }: Metafile, directory: string): Size {
  const entry = Object.keys(outputs).find(
    (file) => outputs[file]?.entryPoint !== undefined && !file.includes("/chunks/"),
  );
  const atOnce = new Set<string>();
  const follow = (file: string) => {
    if (atOnce.has(file)) return;
    atOnce.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && outputs[path]) follow(path);
  };
  if (entry === undefined) throw new Error(`${directory} has no entry`);
  follow(entry);
  // The store is imported when it is known which; a function's is the one over REST, so it is part of every cold start.
  const rest = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === "functions/stores/redis/upstash.ts");
  if (rest !== undefined && entry.endsWith("bundle.mjs")) follow(rest);
  let [startBytes, startGzipBytes, lazyBytes] = [0, 0, 0];
  for (const [file, { bytes }] of Object.entries(outputs)) {
    if (!atOnce.has(file)) lazyBytes += bytes;
    else {
      startBytes += bytes;
      startGzipBytes += gzipSync(readFileSync(join(root, file))).length;
    }
  }
  return { name, startBytes, startGzipBytes, lazyBytes, outside: listOutside(outputs) };
}

function listOutside(outputs: Metafile["outputs"]): string[] {
  const paths = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  return [...new Set(paths.map(({ path }) => path))].filter((path) => !isBuiltin(path));
}

/** Every endpoint of routes.ts, `dist/lambda/<endpoint>/bundle.mjs`. */
export function buildFunctions(directory: string): Promise<Size[]> {
  const names = Object.keys(endpoints);
  return Promise.all(
    names.map((name) =>
      buildLambda({ name, file: `functions/endpoints/${name}.ts`, directory: join(directory, name) }),
    ),
  );
}

export function table(sizes: readonly Size[]): string {
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1).padStart(8);
  const width = Math.max(...sizes.map(({ name }) => name.length));
  const rows = sizes.map(
    ({ name, startBytes, startGzipBytes, lazyBytes }) =>
      `${name.padEnd(width)} ${kilobytes(startBytes)} ${kilobytes(startGzipBytes)} ${kilobytes(lazyBytes)}`,
  );
  return [`${"kB".padEnd(width)}  minified     gzip     lazy`, ...rows].join("\n");
}

if (import.meta.main) {
  const functions = await buildFunctions(join(root, "dist/lambda"));
  const server = await buildServer(join(root, "dist/server"));
  const cli = await buildCli(join(root, "dist/server"));
  console.log(table([...functions, server, cli]));
}
