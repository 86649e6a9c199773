import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import {
  type Carrier,
  type Command,
  patienceMs,
  rememberSilence,
  type Reply,
  type Runner,
  SilentError,
} from "./carrier.ts";
import { Connection } from "./connection.ts";
import { redis } from "./redis.ts";
import type { Store } from "../store.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Number of the database, 0 unless told. */
  readonly db?: number | undefined;
  readonly tls?: boolean | undefined;
}

export interface TcpOptions {
  readonly address: RedisAddress;
  readonly prefix: string;
  /** How long to wait for a connection, or for an answer, before the store counts as unavailable. */
  readonly timeoutMs?: number;
}

/**
 * Redis over TCP or TLS. It connects at once, and again with the first command after a connection was lost; there is
 * no background reconnecting and no PING, so an idle service spends no command. A connect costs AUTH if there is a
 * password and SELECT if the database is not 0. While the server is down commands fail at once, and one of them tries
 * to connect again after a pause that doubles from 50 ms to 2 s.
 */
export function openTcp(options: TcpOptions): Store {
  return redis("tcp", rememberSilence(carry(options)), options.prefix);
}

/** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. Throws a TypeError on anything else. */
export function readRedisUrl(text: string): RedisAddress {
  if (!URL.canParse(text)) throw new TypeError("REDIS_URL is not a URL: write redis://user:password@host:6379/0.");
  const url = new URL(text);
  const db = Number(url.pathname.slice(1));
  if (!["redis:", "rediss:"].includes(url.protocol) || url.hostname === "" || !Number.isSafeInteger(db)) {
    throw new TypeError("REDIS_URL must look like redis://user:password@host:6379/0, or rediss:// for TLS.");
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 6379),
    username: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    db,
    tls: url.protocol === "rediss:",
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError("REDIS_URL has a % in its user or password that encodes nothing: write %25 for it.");
  }
}

/** Opens a connection with the first command, and again with the first one after it was lost. */
function carry({ address, timeoutMs = patienceMs }: TcpOptions): Carrier {
  const dial = buildDial(address, timeoutMs);
  let isClosed = false;
  let connection = dial();
  const connect = (): Connection | Error => {
    if (isClosed) return new Error("The store is closed.");
    if (connection instanceof Error || connection.isOver) connection = dial();
    return connection;
  };
  return {
    ...runBy(connect, "send"),
    later: runBy(connect, "sendLater"),
    async close() {
      isClosed = true;
      const last = connection;
      if (last instanceof Error) return;
      // What is under way is answered before it.
      const quit = (done: () => void) => last.send([["QUIT"]], { take: done, refuse: done });
      if (last.isReady) await new Promise<void>(quit);
      last.end(new Error("The store is closed."));
    },
  };
}

function runBy(connect: () => Connection | Error, send: "send" | "sendLater"): Runner {
  return {
    run(command) {
      return new Promise((take, refuse) => {
        const open = connect();
        if (open instanceof Error) refuse(open);
        else open[send]([command], { take, refuse });
      });
    },
    runAll(commands) {
      return new Promise((resolve, refuse) => {
        const open = connect();
        if (open instanceof Error) return refuse(open);
        const replies: (Reply | Error)[] = [];
        const take = (reply: Reply | Error) => {
          if (replies.push(reply) === commands.length) resolve(replies);
        };
        open[send](commands, { take, refuse: take });
      });
    },
  };
}

const pauses = { firstMs: 50, longestMs: 2000 };

/** Begins a connection; an error if it is too early to try again. */
function buildDial(address: RedisAddress, timeoutMs: number): () => Connection | Error {
  let pauseMs = 0;
  // By a clock that nobody sets: a wall clock that is put back would keep Redis away for as long.
  let retryAt = 0;
  let lastError: Error | undefined;
  const onReady = () => {
    pauseMs = 0;
    retryAt = 0;
  };
  const onUnreachable = (error: Error) => {
    lastError = error;
    pauseMs = Math.min(Math.max(pauseMs * 2, pauses.firstMs), pauses.longestMs);
    retryAt = performance.now() + pauseMs;
  };
  return () => {
    if (performance.now() < retryAt) {
      const ofItsKind = lastError instanceof SilentError ? SilentError : Error;
      return new ofItsKind("The Redis server could not be reached.", { cause: lastError });
    }
    return new Connection({ ...wayTo(address), timeoutMs, onReady, onUnreachable });
  };
}

/** How an address is connected to, and what is said first: AUTH if there is a password, SELECT if the database is not 0. */
function wayTo({ host, port, tls, username, password, db = 0 }: RedisAddress) {
  const auth = password ? [["AUTH", ...(username ? [username] : []), password]] : [];
  const greeting: Command[] = db === 0 ? auth : [...auth, ["SELECT", String(db)]];
  // An IP address is no server name (RFC 6066, section 3); the certificate must carry it all the same.
  const named = isIP(host) ? {} : { servername: host };
  return tls
    ? { greeting, opened: "secureConnect" as const, open: () => connectTls({ host, port, ...named }) }
    : { greeting, opened: "connect" as const, open: () => connectTcp({ host, port }) };
}
