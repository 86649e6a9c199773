/** One schedule of QStash; `scheduleId` is ours, and putting it again changes it in place (Upstash API, create schedule). */
export interface Schedule {
  readonly scheduleId: string;
  readonly destination: string;
  readonly method: string;
  readonly cron: string;
  readonly retries: number;
}

export interface QStash {
  readonly url: string; // the region's, such as https://qstash.upstash.io
  readonly token: string;
}

export const putSchedule = (schedule: Schedule, qstash: QStash) =>
  ask(qstash, `schedules/${schedule.destination}`, {
    method: "POST",
    ...(schedule.method === "GET" ? {} : { body: "{}" }),
    headers: {
      "content-type": "application/json",
      "upstash-method": schedule.method,
      "upstash-cron": schedule.cron,
      "upstash-schedule-id": schedule.scheduleId,
      "upstash-retries": String(schedule.retries),
    },
  });

export const removeSchedule = (id: string, qstash: QStash) => ask(qstash, `schedules/${id}`, { method: "DELETE" });

export const listSchedules = async (qstash: QStash) => (await ask(qstash, "schedules", {})) as { scheduleId: string }[];

/** What QStash said, or that it could not be asked. No class of its own: Pulumi, which writes this code out, loses its message. */
const failed = (message: string) => Object.assign(new Error(message), { code: "QSTASH" });

export const isQStashError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && error.code === "QSTASH";

/** Throws what isQStashError knows; that a schedule which is to be removed is gone already is no error. */
async function ask({ url, token }: QStash, path: string, init: RequestInit): Promise<unknown> {
  const proven = { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } };
  const response = await fetch(`${url}/v2/${path}`, proven).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failed(`QStash cannot be reached at ${url}: ${cause}`);
  });
  const text = await response.text();
  if (response.status === 404 && init.method === "DELETE") return undefined;
  if (!response.ok) throw failed(`QStash answered ${response.status} to ${init.method ?? "GET"} ${path}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
