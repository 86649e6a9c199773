import { fileURLToPath } from "node:url";
import { buildFunctions } from "./build.ts";
import { buildConsole } from "./console.ts";

/** Builds what `sst deploy` puts into AWS: a bundle an endpoint in dist/lambda, and the console in dist/web. */
await buildFunctions(fileURLToPath(new URL("../dist/lambda", import.meta.url)));
await buildConsole();
