import { type Agent } from "node:http";
import { ask, buildAgent, type Told } from "./client.ts";
import { everywhere, type Fault, type Scene } from "./scene.ts";

/** A sign-in serves its provider's own program. */
const headers = { "user-agent": "claude-cli/2.0.0 (external, cli)", "x-app": "cli" };

const askSigned = ({ stage, tally }: Scene, agent: Agent): Promise<Told> =>
  ask(agent, { url: stage.relay.url, secret: stage.secrets.signed, headers, behaviour: "pace=5" }, tally);

const renewals = ({ stage }: Scene) => stage.upstream.requests.filter(({ path }) => path === "/v1/oauth/token").length;

/** A call whose account is renewed for it: resolves when the provider has taken the old token back, and not told all of the new one. */
async function beginRenewal(scene: Scene): Promise<{ agent: Agent; call: Promise<Told> }> {
  const agent = buildAgent();
  const call = askSigned(scene, agent);
  await scene.stage.upstream.until(({ path, bytesWritten }) => path === "/v1/oauth/token" && bytesWritten > 0);
  return { agent, call };
}

/** A sign-in whose token is shown twice is banned by some providers: each is shown once, whatever happens. */
export const renewalFaults: readonly Fault[] = [
  {
    name: "killed between a token's rotation and its save",
    stores: everywhere,
    isQuick: true,
    async run(scene) {
      const { stage } = scene;
      const { agent, call } = await beginRenewal(scene);
      scene.killedAt.push(Date.now());
      await stage.relay.kill();
      await call;
      await stage.restart();
      for (let times = 0; times < 3; times += 1) {
        const told = await askSigned(scene, agent);
        // Processes that share a store wait for a lease of the dead one, under keep-alive events and so with a 200.
        if (told.isWhole || !/must be signed in again/.test(stage.relay.log())) scene.failed += 1;
      }
      scene.failed += renewals(scene) - 1;
      agent.destroy();
    },
  },
  {
    name: "stopped while a renewal runs",
    stores: everywhere,
    isQuick: true,
    async run(scene) {
      const { stage } = scene;
      const { agent, call } = await beginRenewal(scene);
      if ((await stage.relay.stop()) !== 0) scene.failed += 1;
      await call;
      await stage.restart();
      if (!(await askSigned(scene, agent)).isWhole) scene.failed += 1;
      scene.failed += renewals(scene) - 1;
      agent.destroy();
    },
  },
];
