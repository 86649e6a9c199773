import type { ClientRequest, IncomingMessage } from "node:http";
import * as https from "node:https";
import type { Requester, UpstashRequest } from "@upstash/redis";
import { SilentError } from "./carrier.ts";

/** See tunnel.ts: an `import` of node:http would load the whole of Node's fetch. */
const http = process.getBuiltinModule("node:http");

export interface RequesterOptions {
  readonly url: string;
  readonly token: string;
  readonly timeoutMs: number;
}

/** A connection that rested longer may be dead without a sign: a Lambda instance that was frozen sees no packets. */
const longestRestMs = 4_000;

/**
 * The client's door to Upstash over Node's own HTTP: the client's is fetch, which loads some 60 ms of code at a cold start
 * that needs nothing else of it. Connections are kept alive. A request is sent once, whatever becomes of it: a write's outcome
 * is unknown when a connection breaks. Rejects with an Error of Upstash's words, or of what happened to the connection.
 */
export function buildRequester({ url, token, timeoutMs }: RequesterOptions): Requester {
  const base = new URL(url);
  const client = base.protocol === "http:" ? http : https;
  const buildAgent = () => new client.Agent({ keepAlive: true });
  let agent = buildAgent();
  let underWay = 0;
  let restsSince = 0;
  // Upstash lets a reader see its own writes by a token that goes to and fro (upstash.com/docs/redis, consistency).
  let syncToken = "";

  const post = async (verb: string, body: string): Promise<unknown> => {
    if (underWay === 0 && Date.now() - restsSince > longestRestMs) {
      agent.destroy();
      agent = buildAgent();
    }
    underWay += 1;
    try {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "upstash-sync-token": syncToken,
      };
      const prefix = base.pathname.replace(/\/$/, "");
      const path = `${prefix}/${verb}`;
      const request = client.request(base, { method: "POST", path, headers, agent, timeout: timeoutMs });
      const answer = await read(request, body);
      syncToken = answer.syncToken ?? syncToken;
      return answer.value;
    } finally {
      underWay -= 1;
      restsSince = Date.now();
    }
  };
  return {
    readYourWrites: true,
    upstashSyncToken: "",
    request: ({ path = [], body }: UpstashRequest) => post(path.join("/"), JSON.stringify(body)) as Promise<never>,
  };
}

interface Reply {
  readonly value: unknown;
  readonly syncToken: string | undefined;
}

function read(request: ClientRequest, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // Bytes of either way, and a connection that is made, are signs of life.
    request.on("timeout", () => {
      const { socket } = request;
      const read = socket?.bytesRead;
      // A process that stood still itself finds the answer in its socket, after its timers.
      setImmediate(() => {
        if (socket?.bytesRead === read) request.destroy(new SilentError("Upstash does not answer."));
      });
    });
    request.on("error", reject).on("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("error", reject)
        .on("end", () => {
          try {
            resolve(parse(response, Buffer.concat(chunks).toString("utf8")));
          } catch (error) {
            reject(error as Error);
          }
        });
    });
    request.end(body);
  });
}

function parse({ statusCode = 0, headers }: IncomingMessage, text: string): Reply {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Upstash answered status ${statusCode} and no JSON.`, { cause });
  }
  if (statusCode >= 200 && statusCode < 300) {
    const token = headers["upstash-sync-token"];
    return { value, syncToken: typeof token === "string" ? token : undefined };
  }
  const words = typeof value === "object" && value !== null && "error" in value ? String(value.error) : "";
  throw new Error(words || `Upstash answered status ${statusCode}.`);
}
