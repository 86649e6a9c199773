import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Kept {
  readonly scheduleId: string;
  readonly destination: string;
  readonly cron: string;
  readonly method: string;
  readonly retries: number;
  readonly body: string;
}

export interface SimulatedQStash {
  readonly url: string;
  readonly token: string;
  readonly schedules: Map<string, Kept>;
  stop(): void;
}

/** The schedules of QStash (Upstash's REST API, v2), in memory: put, list, remove. */
export async function startQStash(): Promise<SimulatedQStash> {
  const token = "qstash-token";
  const schedules = new Map<string, Kept>();
  const handle = (method: string, path: string, headers: Record<string, unknown>, body: string): [number, unknown] => {
    if (headers.authorization !== `Bearer ${token}`) return [401, { error: "unauthorized" }];
    const [, rest = ""] = /^\/v2\/schedules\/?(.*)$/.exec(path) ?? [];
    if (method === "GET" && rest === "") return [200, [...schedules.values()]];
    if (method === "DELETE") return schedules.delete(rest) ? [202, undefined] : [404, { error: `${rest} not found` }];
    const named = (name: string) => String(headers[`upstash-${name}`] ?? "");
    if (!/^https?:\/\//.test(rest) || named("cron") === "") return [400, { error: "destination or cron is wrong" }];
    const scheduleId = named("schedule-id");
    const retries = Number(named("retries"));
    schedules.set(scheduleId, {
      scheduleId,
      destination: rest,
      cron: named("cron"),
      method: named("method"),
      retries,
      body,
    });
    return [200, { scheduleId }];
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      const [status, answer] = handle(request.method ?? "", request.url ?? "", request.headers, body);
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(answer === undefined ? "" : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token, schedules, stop };
}
