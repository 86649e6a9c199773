import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildFakeKvs, type FakeKvs } from "./fake-kvs.ts";

export interface FakeAws {
  readonly url: string;
  /** What was put into S3, by `/bucket/key`. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** What SST itself writes into CloudFront's key-value store. */
  readonly kvs: FakeKvs;
  stop(): void;
}

interface Asked {
  readonly service: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly action: string;
  readonly body: Buffer;
}

/** As much of AWS as the SST command line itself asks: who am I, its bootstrap record, its state bucket. */
export async function startFakeAws(): Promise<FakeAws> {
  const parameters = new Map<string, string>();
  const objects = new Map<string, Buffer>();
  const services: Record<string, (asked: Asked, response: ServerResponse) => void> = {
    sts: (_, response) => respond(response, 200, identity),
    ssm: ({ action, body }, response) => {
      const { Name: name = "", Value: value = "" } = JSON.parse(body.toString()) as { Name?: string; Value?: string };
      if (action === "PutParameter") parameters.set(name, value);
      const known = parameters.get(name);
      if (action !== "GetParameter") return respond(response, 200, { Version: 1, Parameters: [] });
      if (known === undefined) return respond(response, 400, { __type: "ParameterNotFound", message: "none" });
      respond(response, 200, { Parameter: { Name: name, Type: "SecureString", Value: known, Version: 1 } });
    },
    s3: ({ method, path, body }, response) => {
      const known = objects.get(path);
      response.setHeader("etag", '"fake"');
      if (method === "PUT") objects.set(path, body);
      if (method === "DELETE") objects.delete(path);
      if (method === "PUT" || method === "DELETE" || known) response.end(method === "GET" ? known : undefined);
      else
        respond(response, 404, method === "HEAD" ? "" : "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
    },
    ecr: (_, response) => respond(response, 200, { repositories: [repository], repository }),
    appsync: (_, response) => respond(response, 200, { apis: [api], api }),
  };
  const kvs = buildFakeKvs();
  const server = createServer((request, response) => {
    void read(request).then((asked) => {
      if (asked.path.startsWith("/key-value-stores/")) {
        const { status, etag, body, error } = kvs.ask({ ...asked, ifMatch: request.headers["if-match"] });
        if (etag) response.setHeader("etag", etag);
        if (error) response.setHeader("x-amzn-errortype", error);
        return respond(response, status, body);
      }
      const service = services[asked.service ?? ""];
      if (service) service(asked, response);
      else respond(response, 200, {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects, kvs, stop };
}

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ci</Arn><UserId>AID</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;
const repository = { repositoryUri: "123456789012.dkr.ecr.local/sst-asset", registryId: "123456789012" };
const api = { name: "sst", apiId: "a", dns: { HTTP: "h", REALTIME: "r" } };

/** The service is named in the signature (AWS Signature Version 4, credential scope). */
async function read(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)/.exec(request.headers.authorization ?? "");
  // Asked as a proxy, it gets the whole address; the account's name before an IP address is none that URL would take.
  const [, target = "/"] = /^(?:https?:\/\/[^/]+)?([^?]*)/.exec(request.url ?? "/") ?? [];
  const path = decodeURIComponent(target);
  const wanted = String(request.headers["x-amz-target"] ?? "");
  const action = wanted.split(".").at(-1) ?? "";
  return { service: scope?.[1], method: request.method ?? "", path, action, body: Buffer.concat(parts) };
}

function respond(response: ServerResponse, status: number, body: object | string): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "application/xml" : "application/x-amz-json-1.1" });
  response.end(isText ? body : JSON.stringify(body));
}
