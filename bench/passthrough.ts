import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, stream } from "undici";
import { tuneEngine } from "../functions/runtimes/node/v8-flags.ts";

/** The yardstick: the least that a proxy can do with the same parts. No key, no limit, no log, no error handling worth the name. */
// What the relay sets for itself, its yardstick gets too.
tuneEngine();
const upstream = process.argv[2] ?? "";
const dispatcher = new Agent({ connections: null });

const server = createServer((request, response) => {
  const { host: _host, connection: _connection, ...headers } = request.headers;
  stream(
    `${upstream}${request.url ?? "/"}`,
    { method: "POST", headers, body: request, dispatcher, opaque: response, headersTimeout: 0, bodyTimeout: 0 },
    ({ statusCode, headers: answered }) => {
      response.writeHead(statusCode, answered as Record<string, string>);
      return response;
    },
  ).catch(() => response.destroy());
});
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once("SIGTERM", () => process.exit(0));
