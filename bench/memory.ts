import { ask, buildAgent, buildBody, measureRate } from "./load.ts";
import { type Server, startProcess, startRelay } from "./servers.ts";

/** What 1,000 streams that wait for a model add to a process that has served a little and rested. Prints a line for each subject. */
export async function measureIdleMemory(): Promise<void> {
  const upstream = await startProcess("../test/upstream/main.ts", ["--port", "0"]);
  const subjects: [string, () => Promise<[Server, string, string]>][] = [
    [
      "pass-through",
      async () => [await startProcess("passthrough.ts", [upstream.url]), "sk-ant-sim-bench", "sk-ant-sim"],
    ],
    [
      "relay, embedded store",
      async () => {
        const server = await startRelay(upstream.url);
        return [server, server.secrets.bench, server.secrets.obedient];
      },
    ],
  ];
  let yardstick = 0;
  for (const [name, start] of subjects) {
    const [server, bench, obedient] = await start();
    const grown = await measureGrowth(server, bench, obedient);
    yardstick ||= grown.inUse;
    const share = (grown.inUse / yardstick).toFixed(2);
    console.log(
      `| memory of 1,000 open idle streams | ${name} | ${grown.inUse.toFixed(0)} MB more in use, ${grown.resident.toFixed(0)} MB resident | ${share} | | |`,
    );
    await server.stop();
  }
  await upstream.stop();
}

async function measureGrowth(server: Server, bench: string, obedient: string) {
  const agent = buildAgent();
  const body = buildBody(2_000);
  const target = (secret: string) => ({
    url: `${server.url}/v1/messages`,
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret },
    body,
  });
  // Long enough for the young generation to have its size: else its growth would be counted as the streams'.
  await measureRate(agent, target(bench), 8, 4_000);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const [before, resident] = [await server.inUse(), server.rss()];
  const idle = { ...target(obedient), body: body.replace("xxxxxxxxxxxx", "[[sim:idle]]") };
  const open = Array.from({ length: 1_000 }, () => ask(agent, idle).catch(() => undefined));
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  const grown = { resident: server.rss() - resident, inUse: (await server.inUse()) - before };
  await agent.destroy();
  await Promise.all(open);
  return grown;
}
