import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeKind, type Config } from "../../functions/config.ts";
import { sealCredential } from "../../functions/core/accounts/credential.ts";
import { accountFields, putPool } from "../../functions/core/accounts/pool.ts";
import { putKey } from "../../functions/core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../../functions/core/keys/secret.ts";
import type { Env } from "../../functions/env.ts";
import { startServer } from "../../functions/runtimes/node/node.ts";
import { countCommands, removePrefix } from "../../functions/stores/redis/raw.ts";
import { pullBody, type Inbound } from "../../functions/wire/dispatch.ts";
import { bad, ok, reasonOf, warn, type Finding } from "./finding.ts";
import { openRaw } from "./store.ts";

/** A message of a key with a concurrency and a daily cost limit: design and budget test agree on three. */
const budget = 3;

/**
 * One streamed message through a relay of the doctor's own, in this process: on the store that the relay uses, under a prefix
 * that is taken away again, with an account whose provider is played. Counts what the store was asked for it.
 */
export async function checkMessage(config: Config): Promise<Finding> {
  const prefix = `${config.REDIS_KEY_PREFIX}doctor-${randomBytes(6).toString("hex")}:`;
  const directory = mkdtempSync(join(tmpdir(), "relay-doctor-"));
  const own = {
    ...config,
    REDIS_KEY_PREFIX: prefix,
    DATA_DIR: directory,
    PORT: 0,
    HOST: "127.0.0.1",
    TRUST_PROXY: 0,
  };
  const dispatch = () => Promise.resolve(playProvider());
  const server = await startServer({ config: own, write: () => undefined, dispatch });
  const raw = await openRaw(config).catch(() => undefined);
  try {
    const secret = await furnish(server.env);
    // The first one fills what a running relay has in memory.
    await stream(server.url, secret);
    const before = raw && (await countCommands(raw));
    const text = await stream(server.url, secret);
    // What is written after an answer belongs to it.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const after = raw && (await countCommands(raw));
    if (!text.includes("message_stop")) return bad("message", "a streamed answer does not end", "please report this");
    return tellCount(before, after, config);
  } catch (error) {
    return bad(
      "message",
      `a message does not come through: ${reasonOf(error)}`,
      "see the store above, and the relay's log",
    );
  } finally {
    await server.close(0);
    if (raw) await removePrefix(prefix, raw).catch(() => undefined);
    raw?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function tellCount(before: number | undefined, after: number | undefined, config: Config): Finding {
  if (before === undefined || after === undefined) {
    const why =
      storeKind(config) === "embedded" ? "the embedded store bills none" : "Upstash's console counts its commands";
    return ok("message", `one was streamed through the store (${why})`);
  }
  const commands = after - before;
  if (commands <= budget) return ok("message", `one was streamed, for ${commands} Redis commands`);
  const says = `one was streamed, and the server counted ${commands} commands meanwhile (a message takes ${budget})`;
  return warn("message", says, "others use this Redis at the same time; run the doctor again in a quiet moment");
}

async function furnish(env: Env): Promise<string> {
  const id = "doctor";
  const credential = sealCredential(id, { kind: "api-key", secret: "sk-doctor" }, env);
  const account = { name: id, kind: "anthropic" as const, createdAt: env.now(), credential };
  await putPool(accountFields(id, account), env);
  const secret = buildSecret(env);
  const hash = hashSecret(secret);
  const key = { id: idOfHash(hash), hash, prefix: secret.slice(0, 10), name: id, createdAt: env.now() };
  await putKey(key, { ...key, concurrency: 4, dailyCostNanos: 1_000_000_000 }, env);
  return secret;
}

async function stream(url: string, secret: string): Promise<string> {
  const headers = { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret };
  const messages = [{ role: "user", content: "Hello" }];
  const body = JSON.stringify({ model: "claude-sonnet-4-6", max_tokens: 16, stream: true, messages });
  const response = await fetch(`${url}/api/v1/messages`, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}

/** The events of a short answer (Anthropic API, "Streaming messages"). */
const events: readonly Record<string, unknown>[] = [
  {
    type: "message_start",
    message: {
      ...{ id: "msg_doctor", type: "message", role: "assistant", model: "claude-sonnet-4-6", content: [] },
      ...{ stop_reason: null, stop_sequence: null, usage: { input_tokens: 8, output_tokens: 1 } },
    },
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];

function playProvider(): Inbound {
  const waiting = events.map((event) =>
    Buffer.from(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`),
  );
  const body = pullBody(
    () => Promise.resolve(waiting.shift()),
    () => undefined,
  );
  return { status: 200, headers: { "content-type": "text/event-stream" }, body };
}
