import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { head, message, openRaw, post, until } from "../client.ts";
import type { Trial } from "../trial.ts";

/** Clients that take what they get too slowly, or not at all. */
export const readers: readonly Trial[] = [
  {
    name: "a reader that stands still is ended, and the account's slot is free again",
    settings: { READER_MAX_STALL_SECONDS: "2" },
    async run({ url, office, account }) {
      await account("anthropic", "ok", { maxConcurrency: 1 });
      const [greedy, other] = [await office.key(), await office.key({ name: "other" })];
      const json = { "content-type": "application/json", "anthropic-version": "2023-06-01" };
      const raw = await openRaw(url);
      const body = message("[[sim:flood=64]] hello");
      await raw.send(
        head("POST", "/v1/messages", { "x-api-key": greedy.secret, ...json, "content-length": body.length }) + body,
      );
      assert.equal(await raw.status(), 200, raw.text());
      raw.socket.pause();
      await until(
        "another key is served",
        async () => (await post(url, other.secret, message())).status === 200,
        20_000,
      );
      raw.reset();
    },
  },
  {
    name: "a WebSocket that collects refusals is closed",
    targets: ["embedded"],
    async run({ url, office, relays }) {
      const { secret } = await office.key();
      const before = relays[0]?.look().rssMb ?? 0;
      const socket = new WebSocket(`${url.replace("http", "ws")}/v1/responses`, {
        headers: { authorization: `Bearer ${secret}` },
      });
      socket.on("error", () => undefined);
      await once(socket, "open");
      const closed = once(socket, "close");
      for (let sent = 0; sent < 100_000; sent++) socket.send(Buffer.of(0));
      const [code] = (await closed) as [number];
      assert.ok(code === 1008 || code === 1006, String(code));
      assert.ok((relays[0]?.look().rssMb ?? 0) - before < 100);
    },
  },
  {
    name: "a WebSocket that leaves more than 128 kB unread is closed",
    targets: ["embedded"],
    async run({ url, office, relays }) {
      const { secret } = await office.key();
      const before = relays[0]?.look().rssMb ?? 0;
      const raw = await openRaw(url);
      const key = Buffer.alloc(16).toString("base64");
      const upgrade = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": 13,
        "sec-websocket-key": key,
      };
      await raw.send(head("GET", "/v1/responses", { authorization: `Bearer ${secret}`, ...upgrade }));
      assert.equal(await raw.status(), 101, raw.text());
      raw.socket.pause();
      // A ping of 125 bytes, masked with zeros (RFC 6455 § 5.2): each is answered by a pong as long.
      const ping = Buffer.concat([Buffer.of(0x89, 0x80 | 125), Buffer.alloc(4 + 125)]);
      const pings = Buffer.concat(Array.from({ length: 8_000 }, () => ping));
      const isOver = () => raw.socket.destroyed;
      for (let sent = 0; sent < 60 && !isOver(); sent++) void raw.send(pings);
      await until("the socket is closed", isOver, 20_000);
      assert.ok((relays[0]?.look().rssMb ?? 0) - before < 100);
    },
  },
  {
    name: "a key has no more WebSockets open than is set",
    targets: ["embedded"],
    settings: { KEY_MAX_SOCKETS: "3" },
    async run({ url, office }) {
      const { secret } = await office.key();
      const open = async () => {
        const options = { headers: { authorization: `Bearer ${secret}` } };
        const socket = new WebSocket(`${url.replace("http", "ws")}/v1/responses`, options);
        // Rejects with the error event of a handshake that was refused.
        const isOpen = await once(socket, "open").then(
          () => true,
          () => false,
        );
        return { socket, isOpen };
      };
      const all = [await open(), await open(), await open(), await open()];
      assert.deepEqual(
        all.map(({ isOpen }) => isOpen),
        [true, true, true, false],
      );
      all.forEach(({ socket }) => socket.terminate());
      await until("there is room again", async () => (await open()).isOpen);
    },
  },
];
