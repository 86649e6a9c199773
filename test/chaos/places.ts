import { ask, buildAgent } from "./client.ts";
import type { Scene } from "./scene.ts";
import { narrowness } from "./stage.ts";

/** After it nothing of a process that died is in sight (docs/scale.md). */
export const outOfSightMs = 4 * 60_000;

/**
 * How many places of a key are not free when they must be. Over the embedded store: at once. Where processes share a store: at
 * the latest four minutes later by the relay's clock, and whoever is refused meanwhile is told by when.
 */
export async function countLocked(scene: Scene): Promise<number> {
  const { stage } = scene;
  const refused = await findRefused(scene);
  if (refused.length === 0) return 0;
  if (stage.kind === "embedded") return refused.length;
  const now = Date.now() + stage.aheadMs;
  const untold = refused.filter(({ status, last }) => {
    const untilAt = Date.parse(/count until (\S+Z) at the latest/.exec(last)?.[1] ?? "");
    return status !== 429 || !(untilAt <= now + outOfSightMs);
  });
  stage.setClock(stage.aheadMs + outOfSightMs);
  return untold.length + (await findRefused(scene)).length;
}

/** Asks for all places at the same time. */
async function findRefused({ stage, tally }: Scene) {
  const agent = buildAgent();
  const asked = { url: stage.relay.url, secret: stage.secrets.narrow, behaviour: "pace=20" };
  const told = await Promise.all(Array.from({ length: narrowness }, () => ask(agent, asked, tally)));
  agent.destroy();
  return told.filter(({ isWhole }) => !isWhole);
}
