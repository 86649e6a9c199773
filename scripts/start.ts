import { buildConsole } from "./console.ts";

/** `npm start`: the console is built once, or again when its sources are newer, and then the server runs in this process. */
await buildConsole();
await import("../functions/runtimes/node/main.ts");
