import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** One request as it came over the wire, and what became of its answer. */
export interface RecordedRequest {
  method: string;
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** Name, value, name, value … as sent, in order and case. */
  rawHeaders: string[];
  headers: IncomingHttpHeaders;
  /** The raw bytes, still compressed where the client compressed them. */
  body: Buffer;
  at: number;
  /** When the answer's connection had closed, or its last byte was taken; 0 while it is under way. */
  endedAt: number;
  credential: string;
  /** The directives in force, `name=value` joined by commas. */
  behaviour: string;
  status: number;
  /** The body bytes handed to the socket so far; `sent` holds them. */
  bytesWritten: number;
  sent: Buffer[];
  /**
   * `broken`: the simulation broke the connection itself; `hung-up`: the client did, before the answer was
   * complete.
   */
  outcome: "open" | "complete" | "broken" | "hung-up";
}

/** What the serving code tells about one exchange. */
export interface Trace {
  /** Aborted when the connection has closed before the answer was complete. */
  signal: AbortSignal;
  chose(credential: string, behaviour: ReadonlyMap<string, string>): void;
  wrote(bytes: Buffer): void;
  breaking(): void;
}

const hangUp = new Error("the connection has closed");

interface Waiter {
  fits: (request: RecordedRequest) => boolean;
  resolve: (request: RecordedRequest) => void;
}

/** Keeps the requests of one server, or only counts them. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  readonly stats = { total: 0, open: 0, peak: 0 };
  private readonly waiters = new Set<Waiter>();
  private readonly keeps: boolean;

  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  open(request: IncomingMessage, body: Buffer, response: ServerResponse): Trace {
    const gone = new AbortController();
    this.stats.total++;
    this.stats.peak = Math.max(this.stats.peak, ++this.stats.open);
    const record = this.keeps ? buildRecord(request, body) : undefined;
    let isBroken = false;
    if (record) this.requests.push(record);
    response.once("close", () => {
      this.stats.open--;
      const unfinished = isBroken ? "broken" : "hung-up";
      const outcome = response.writableFinished && !isBroken ? "complete" : unfinished;
      if (record) Object.assign(record, { outcome, status: response.statusCode, endedAt: Date.now() });
      // Building the reason anew, with its stack, would be a tenth of a benchmark's time.
      if (outcome !== "complete") gone.abort(hangUp);
      this.changed(record);
    });
    this.changed(record);
    return {
      signal: gone.signal,
      chose: (credential, behaviour) => {
        if (record) Object.assign(record, { credential, behaviour: show(behaviour) });
      },
      wrote: (bytes) => {
        if (!record) return;
        record.bytesWritten += bytes.length;
        record.sent.push(bytes);
        record.status = response.statusCode;
        this.changed(record);
      },
      breaking: () => void (isBroken = true),
    };
  }

  reset(): void {
    this.requests.length = 0;
    Object.assign(this.stats, { total: 0, peak: this.stats.open });
  }

  until(fits: Waiter["fits"], timeoutMs = 5000): Promise<RecordedRequest> {
    const known = this.requests.find(fits);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        fits,
        resolve: (request) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(request);
        },
      };
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        reject(new Error(`no such request at the simulated upstream within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiters.add(waiter);
    });
  }

  private changed(record: RecordedRequest | undefined): void {
    if (!record || this.waiters.size === 0) return;
    for (const waiter of [...this.waiters]) if (waiter.fits(record)) waiter.resolve(record);
  }
}

function buildRecord(request: IncomingMessage, body: Buffer): RecordedRequest {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  return {
    method: request.method ?? "",
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark),
    rawHeaders: request.rawHeaders,
    headers: request.headers,
    body,
    at: Date.now(),
    endedAt: 0,
    credential: "",
    behaviour: "",
    status: 0,
    bytesWritten: 0,
    sent: [],
    outcome: "open",
  };
}

function show(behaviour: ReadonlyMap<string, string>): string {
  return [...behaviour].map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join(",");
}
