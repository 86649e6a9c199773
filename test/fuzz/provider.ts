import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type Upstream, startUpstream } from "../upstream/upstream.ts";

/** Bytes that a provider answers with, head and all, in these pieces. */
export interface Script {
  readonly pieces: readonly Buffer[];
  readonly end: "close" | "reset" | "silence";
}

/** Stands before the simulated provider: plays a script to the request that names one, and looks at all that come. */
export interface Provider {
  readonly upstream: Upstream;
  readonly url: string;
  /** What no request of a relay may be: a client's key, a hop-by-hop header, a body that is not as long as it says. */
  readonly offences: string[];
  /** For the request whose body holds the mark. The script stays until it is taken away. */
  play(mark: string, script: Script): void;
  forget(mark: string): void;
  stop(): Promise<void>;
}

/** Of RFC 9110 § 7.6.1. `connection` and `transfer-encoding` are the relay's own to send. */
const hopByHop = ["te", "trailer", "upgrade", "keep-alive", "proxy-connection", "proxy-authorization"];
const marks = /fuzz-mark-\d+/;

export async function startProvider(isSecret: (header: string) => boolean): Promise<Provider> {
  const upstream = await startUpstream({ record: false });
  const scripts = new Map<string, Script>();
  const offences: string[] = [];
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      offences.push(...findOffences(request, body, isSecret));
      const script = scripts.get(marks.exec(body.toString("latin1"))?.[0] ?? "");
      if (script) void play(script, response);
      else pass(request, body, response, upstream.url);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ upstream, offences, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    play: (mark, script) => void scripts.set(mark, script),
    forget: (mark) => void scripts.delete(mark),
    async stop() {
      server.close();
      server.closeAllConnections();
      await upstream.stop();
    },
  };
}

function findOffences(request: IncomingMessage, body: Buffer, isSecret: (header: string) => boolean): string[] {
  const at = `${request.method} ${request.url}`;
  const length = request.headers["content-length"];
  return [
    ...hopByHop.filter((name) => request.headers[name] !== undefined).map((name) => `${at}: ${name} went up`),
    ...request.rawHeaders.filter(isSecret).map(() => `${at}: the client's key went up`),
    ...(length === undefined || Number(length) === body.length ? [] : [`${at}: content-length ${length}`]),
  ];
}

async function play({ pieces, end }: Script, { socket }: ServerResponse): Promise<void> {
  if (!socket) return;
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    await turn();
  }
  if (end === "close") socket.end();
  if (end === "reset") socket.resetAndDestroy();
}

function pass(request: IncomingMessage, body: Buffer, response: ServerResponse, to: string): void {
  const { method = "GET", url = "/", headers } = request;
  const passed = send(to + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  response.on("close", () => passed.destroy());
  passed.end(body);
}
