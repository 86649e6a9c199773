import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How an invocation ended badly, in the runtime client's words. */
export interface RuntimeError {
  readonly type: string;
  readonly body: unknown;
}

export interface Invocation {
  readonly event: unknown;
  /** Called for each piece of the response stream as it comes; the next one is read when its promise resolves. */
  onChunk(chunk: Buffer): Promise<void> | undefined;
}

/** The Lambda Runtime API (AWS documentation, "Using the Lambda runtime API") for the execution environments of a function. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Resolves when the function has ended its response. */
  invoke(invocation: Invocation): Promise<RuntimeError | undefined>;
  /** Invocations that no environment has taken yet. */
  waiting(): number;
  close(): void;
}

interface Pending extends Invocation {
  readonly id: string;
  end(error: RuntimeError | undefined): void;
}

const base = "/2018-06-01/runtime";

/** `onWait` is called when an invocation comes and no environment waits for it. */
export async function startRuntimeApi(timeoutMs: number, onWait?: () => void): Promise<RuntimeApi> {
  const queue: Pending[] = [];
  const waiting: ((invocation: Pending) => void)[] = [];
  const running = new Map<string, Pending>();

  const next = async (response: ServerResponse) => {
    const invocation = queue.shift() ?? (await new Promise<Pending>((resolve) => waiting.push(resolve)));
    running.set(invocation.id, invocation);
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": invocation.id,
      "lambda-runtime-deadline-ms": String(Date.now() + timeoutMs),
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-central-1:123456789012:function:emulated",
      "lambda-runtime-trace-id": "Root=1-0-0",
    });
    response.end(JSON.stringify(invocation.event));
  };

  const finish = (invocation: Pending, error: RuntimeError | undefined) => {
    running.delete(invocation.id);
    invocation.end(error);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === `${base}/invocation/next`) return next(response);
    const [, id = "", what] = /\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? "") ?? [];
    const invocation = running.get(id);
    if (invocation && what === "response") finish(invocation, await readResponse(request, invocation));
    else {
      const body = JSON.parse((await text(request)) || "null") as unknown;
      const type = String(request.headers["lambda-runtime-function-error-type"] ?? "Unhandled");
      if (invocation && what === "error") finish(invocation, { type, body });
      else console.error("the function could not start", type, body);
    }
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke: ({ event, onChunk }) =>
      new Promise((end) => {
        const invocation = { id: randomUUID(), event, onChunk, end };
        const take = waiting.shift();
        if (take) return take(invocation);
        queue.push(invocation);
        onWait?.();
      }),
    waiting: () => queue.length,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A streamed response tells of an error that came after its first byte in trailers. */
async function readResponse(request: IncomingMessage, invocation: Pending): Promise<RuntimeError | undefined> {
  for await (const chunk of request) await invocation.onChunk(chunk as Buffer);
  const type = request.trailers["lambda-runtime-function-error-type"];
  const body = request.trailers["lambda-runtime-function-error-body"];
  if (!type) return undefined;
  return { type, body: JSON.parse(Buffer.from(body ?? "", "base64").toString() || "null") };
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
