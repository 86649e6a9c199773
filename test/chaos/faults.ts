import { setTimeout as pause } from "node:timers/promises";
import { type Ask, ask, buildAgent, load } from "./client.ts";
import { countLocked } from "./places.ts";
import { pick, type Random } from "./random.ts";
import { renewalFaults } from "./renewals.ts";
import { everywhere, type Fault, type Scene } from "./scene.ts";
import { type KeyName, requestMaxMb } from "./stage.ts";
import { stallAll } from "./stalled.ts";

/** Streams of some hundred milliseconds and whole answers, mixed. */
const usual = ({ stage, random }: Scene, key: KeyName = "faulty"): Ask => ({
  url: stage.relay.url,
  secret: stage.secrets[key],
  behaviour: `pace=${Math.floor(random() * 20)}`,
  isStream: random() < 0.8,
  model: random() < 0.8 ? "claude-sonnet-4-5" : "claude-haiku-4-5",
  ...(random() < 0.1 ? { hangUpAfter: Math.floor(random() * 3_200) - 200 } : {}),
});

const stall = ({ stage, random, tally, partMs }: Scene, count: number, key: KeyName = "faulty"): Promise<void> =>
  stallAll(count, { url: stage.relay.url, asked: { secret: stage.secrets[key] }, holdMs: partMs, random, tally });

/** Usual calls, all the while something is done to a part. */
async function during(scene: Scene, inject: () => Promise<unknown>): Promise<void> {
  const { partMs, tally, random } = scene;
  const calls = Promise.all([load(partMs * 3, 12, () => usual(scene), tally, random), stall(scene, 2)]);
  await pause(partMs * (0.5 + random() * 0.5));
  await inject();
  await calls;
}

const plain: Partial<Ask> = { isStream: true, hangUpAfter: undefined };

const storeFaults: readonly Fault[] = [
  {
    name: "store stands still",
    stores: ["redis", "upstash"],
    isQuick: true,
    run: (scene) =>
      during(scene, async () => {
        const agent = buildAgent();
        const { stage, tally } = scene;
        const running = ask(agent, { ...usual(scene, "calm"), ...plain, behaviour: `deltas=40,pace=50` }, tally);
        await stage.upstream.until(({ behaviour, bytesWritten }) => behaviour.includes("pace=50") && bytesWritten > 0);
        stage.redis?.freeze();
        const refused = await ask(agent, { ...usual(scene), ...plain }, tally);
        await pause(scene.partMs);
        stage.redis?.thaw();
        // A new call is refused in its language's words, and one that runs goes on.
        if (refused.status !== 503 || !refused.last.includes('"type":"error"')) scene.failed += 1;
        if (!(await running).isWhole) scene.failed += 1;
        agent.destroy();
      }),
  },
  {
    name: "store ended and started again",
    stores: ["redis", "upstash"],
    isQuick: true,
    run: (scene) =>
      during(scene, async () => {
        await scene.stage.redis?.stop();
        await pause(scene.partMs);
        await scene.stage.redis?.start();
      }),
  },
  {
    name: "store gone when the relay ends",
    stores: ["redis"],
    isQuick: true,
    run: (scene) => during(scene, () => pause(0)),
    async last(scene) {
      const calls = load(200, 12, () => usual(scene), scene.tally, scene.random);
      await pause(100);
      await scene.stage.redis?.stop();
      await calls;
    },
    after: async ({ stage }) => stage.redis?.start(),
  },
  {
    name: "connections to the store cut",
    stores: ["redis"],
    run: (scene) =>
      during(scene, async () => {
        for (let times = 0; times < 5; times += 1) {
          scene.stage.wire?.cut();
          await pause((scene.partMs / 5) * scene.random());
        }
      }),
  },
  {
    name: "answers of the store lost",
    stores: ["upstash"],
    run: (scene) =>
      during(scene, async () => {
        scene.stage.upstash?.dropAnswers(true);
        await pause(scene.partMs);
        scene.stage.upstash?.dropAnswers(false);
      }),
  },
  {
    name: "store slow (300 ms)",
    stores: ["redis", "upstash"],
    run: (scene) =>
      during(scene, async () => {
        const setDelay = (milliseconds: number) => {
          scene.stage.wire?.setDelay(milliseconds);
          scene.stage.upstash?.setDelay(milliseconds);
        };
        setDelay(300);
        await pause(scene.partMs);
        setDelay(0);
      }),
  },
  {
    name: "store full (noeviction)",
    stores: ["redis"],
    isQuick: true,
    run: (scene) =>
      during(scene, async () => {
        await scene.stage.redis?.send("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1");
        await pause(scene.partMs);
        await scene.stage.redis?.send("CONFIG", "SET", "maxmemory", "0");
      }),
  },
  {
    name: "disk full",
    stores: ["embedded"],
    isQuick: true,
    run: (scene) =>
      during(scene, async () => {
        scene.stage.relay.limitFiles("4096");
        await pause(scene.partMs);
        scene.stage.relay.limitFiles("unlimited");
      }),
  },
  {
    name: "store's quota spent",
    stores: ["upstash"],
    isQuick: true,
    run: (scene) =>
      during(scene, async () => {
        scene.stage.upstash?.setQuota(0);
        await pause(scene.partMs);
        scene.stage.upstash?.setQuota(Infinity);
      }),
  },
];

const upstreamFault = (name: string, behaviours: (random: Random) => string, isQuick = false): Fault => ({
  name,
  stores: ["embedded", "redis"],
  isQuick,
  async run(scene) {
    const vary = () => ({ ...usual(scene), behaviour: behaviours(scene.random) });
    await load(scene.partMs * 2, 12, vary, scene.tally, scene.random);
  },
});

const number = (random: Random, most: number) => Math.floor(random() * most);

const upstreamFaults: readonly Fault[] = [
  upstreamFault(
    "upstream cut",
    (random) => pick([`cut=${number(random, 12)}`, `cut-byte=${1 + number(random, 3_000)}`, "reset", "end=3"], random),
    true,
  ),
  upstreamFault("upstream stalled", (random) => pick(["slow-headers", "silence=2", "idle"], random)),
  upstreamFault("upstream flooding", (random) => `flood=${1 + number(random, 6)}`),
  upstreamFault("upstream lying about its length", (random) => `length=${pick([-1, -200, 1, 5_000], random)}`, true),
  upstreamFault("upstream answering garbage", (random) =>
    pick(["not-http", "html", "empty", `garbage=${1 + number(random, 5_000)}`, "chunk=1", "error-after=2"], random),
  ),
];

const answerFaults: readonly Fault[] = [
  upstreamFault(
    "error inside a 200",
    (random) => pick(["error-200", "error-first", "error-200=overloaded_error"], random),
    true,
  ),
  upstreamFault("answer in another form", () => "other-form", true),
  upstreamFault("no usage told", (random) => `usage=${pick(["none", "start", "end"], random)}`, true),
  {
    name: "overload after the opening",
    stores: ["embedded", "redis"],
    isQuick: true,
    async run(scene) {
      const { tally, random } = scene;
      const told = tally.length;
      // Each call has figures of its own, so that each meets its overload once.
      const vary = (): Ask => ({
        ...usual(scene, "spare"),
        ...plain,
        behaviour: `error-after=1:overloaded_error-once,in=${tally.length}`,
      });
      await load(scene.partMs * 2, 8, vary, tally, random);
      scene.failed += tally.slice(told).filter(({ isWhole }) => !isWhole).length;
    },
  },
];

const processFaults: readonly Fault[] = [
  {
    name: "relay killed (SIGKILL)",
    stores: everywhere,
    isQuick: true,
    async run(scene) {
      const { stage, tally, random, partMs } = scene;
      for (let times = 0; times < scene.kills; times += 1) {
        const calls = [
          load(partMs, 8, () => usual(scene, "narrow"), tally, random),
          load(partMs, 8, () => usual(scene), tally, random),
          stall(scene, 3, pick(["narrow", "faulty"], random)),
        ];
        await pause(partMs * random());
        scene.killedAt.push(Date.now());
        await stage.relay.kill();
        await Promise.all(calls);
        await stage.restart();
        scene.locked += await countLocked(scene);
        stage.upstream.requests.forEach(({ sent, bytesWritten }) => bytesWritten > 1e6 && sent.splice(0));
      }
    },
  },
  {
    name: "relay stands still (SIGSTOP)",
    stores: ["embedded", "redis"],
    run: (scene) => during(scene, () => scene.stage.relay.pause(scene.partMs)),
  },
  {
    name: "clock jumps",
    stores: everywhere,
    run: (scene) =>
      during(scene, async () => {
        for (const hours of [2, -1, 26, -0.3, 0]) {
          scene.stage.setClock(hours * 3_600_000);
          await pause(scene.partMs / 5);
        }
      }),
  },
];

const clientFaults: readonly Fault[] = [
  {
    name: "clients stop reading",
    stores: everywhere,
    isQuick: true,
    async run(scene) {
      const calls = load(scene.partMs * 2, 6, () => usual(scene), scene.tally, scene.random);
      await Promise.all([calls, stall(scene, scene.partMs < 600 ? 20 : 60)]);
    },
  },
  {
    name: "500 clients hang up at random bytes",
    stores: everywhere,
    isQuick: true,
    async run(scene) {
      const agent = buildAgent();
      const vanish = async () => {
        await pause(scene.random() * scene.partMs);
        const hangUpAfter = Math.floor(scene.random() * 3_200) - 200;
        await ask(agent, { ...usual(scene), behaviour: "pace=10", hangUpAfter }, scene.tally);
      };
      await Promise.all(Array.from({ length: 500 }, vanish));
      agent.destroy();
    },
  },
  {
    name: `bodies at the size limit (${requestMaxMb} MB)`,
    stores: ["embedded", "redis"],
    async run(scene) {
      const agent = buildAgent();
      const limit = requestMaxMb * 1024 * 1024;
      const asked = (bodyBytes: number) => ({ ...usual(scene), bodyBytes });
      for (let round = 0; round < 3; round += 1) {
        const fits = await Promise.all([0, 1, 2].map(() => ask(agent, asked(limit), scene.tally)));
        const over = await Promise.all([1, 2, 3].map((more) => ask(agent, asked(limit + more), scene.tally)));
        scene.failed += fits.filter(({ status }) => status !== 200).length;
        // A client that is still writing may see the connection close before it sees the refusal.
        scene.failed += over.filter(({ status }) => status !== 413 && status !== 0).length;
      }
      agent.destroy();
    },
  },
];

export const faults: readonly Fault[] = [
  ...storeFaults,
  ...upstreamFaults,
  ...answerFaults,
  ...processFaults,
  ...renewalFaults,
  ...clientFaults,
];
