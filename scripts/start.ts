import { buildConsole } from "./console.ts";

/**
 * `npm start`: the console is built once, or again when its sources are newer, and then the server runs in this process. Only
 * this machine reaches it unless HOST says otherwise, or a platform runs it; the image listens everywhere, behind its port.
 */
if (!process.env.RENDER) process.env.HOST ||= "127.0.0.1";
await buildConsole();
await import("../functions/runtimes/node/main.ts");
