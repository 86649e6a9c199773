import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildServer } from "../../scripts/build.ts";
import { until } from "../attack/client.ts";
import { type RelayProcess, startRelayProcess } from "../chaos/relay.ts";
import { type Key, type Office, openOffice } from "../e2e/office.ts";
import { testEnvironment } from "../environment.ts";
import { type Provider, startProvider } from "./provider.ts";

/** The built server in a process of its own over the embedded store, accounts at the provider, a key with limits. */
export interface Stage {
  readonly relay: RelayProcess;
  readonly url: string;
  readonly secret: string;
  readonly provider: Provider;
  /** Rejects with what does not hold after a round: main.ts lists it. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const metricsToken = "metrics-token-of-the-fuzzer";
const settings = {
  ...{ METRICS_TOKEN: metricsToken, REQUEST_MAX_SIZE_MB: "8", LOG_LEVEL: "warn" },
  ...{ BODY_MAX_SECONDS: "5", READER_MAX_STALL_SECONDS: "2", REQUEST_TIMEOUT: "3000" },
};

export async function openStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "relay-fuzz-"));
  await buildServer(join(directory, "server"));
  const environment = {
    ...testEnvironment,
    ...settings,
    HOST: "127.0.0.1",
    PORT: "0",
    DATA_DIR: join(directory, "data"),
  };
  const relay = await startRelayProcess(environment, join(directory, "server/main.mjs"));
  const admin = { username: testEnvironment.ADMIN_USERNAME, password: testEnvironment.ADMIN_PASSWORD };
  const log = () => relay.log();
  const qstash = { publicUrl: "https://relay.example.com", signingKey: "none", seesHangUp: true };
  const office = await openOffice({ ...qstash, admin, log, url: relay.url, stop: () => Promise.resolve() });
  const key = await office.key({ dailyCostUsd: 900_000, concurrency: 10_000 });
  const provider = await startProvider((header) => header.includes(key.secret));
  const accounts = await Promise.all(
    ["anthropic", "openai", "gemini"].map((kind) =>
      office.account({ kind, name: kind, baseUrl: provider.url, credential: { kind: "api-key", secret: "sk-sim-ok" } }),
    ),
  );
  // What a provider does wrong rests its account, and the calls after that would come no further.
  const reset = () => Promise.all(accounts.map((id) => office.admin("POST", `/admin/accounts/${id}/reset`)));
  let isResetting = false;
  const resetting = setInterval(() => {
    if (isResetting) return;
    isResetting = true;
    void reset()
      .catch(() => undefined)
      .finally(() => (isResetting = false));
  }, 250);
  return {
    ...{ relay, provider, url: relay.url, secret: key.secret },
    settle: () => settle(relay, office, key, provider),
    async stop() {
      clearInterval(resetting);
      const code = await relay.stop();
      await provider.stop();
      rmSync(directory, { recursive: true, force: true });
      if (code !== 0) throw new Error(`SIGTERM ended the server with ${code}.`);
    },
  };
}

/** Every call that was let in has ended and is booked, its places are free, and nothing broke on the way. */
async function settle(relay: RelayProcess, office: Office, key: Key, provider: Provider): Promise<void> {
  await until("no call is under way", async () => (await inFlight(relay)) === 0, 30_000);
  await until(
    "the key's meters are those of the log",
    async () => (await office.admin("GET", `/admin/usage/keys/${key.id}/drift`)).body.isOff === false,
  );
  const { status } = await fetch(`${relay.url}/health`);
  if (status !== 200) throw new Error(`/health answers ${status}`);
  const line = /.*"event":"(uncaught exception|unhandled rejection|work after an answer failed|job failed)".*/.exec(
    relay.log(),
  );
  if (line) throw new Error(line[0]);
  if (provider.offences.length > 0) throw new Error(`What went up: ${provider.offences.slice(0, 5).join("; ")}`);
}

async function inFlight({ url }: RelayProcess): Promise<number> {
  const told = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
  return Number(/^relay_requests_in_flight (\d+)$/m.exec(await told.text())?.[1] ?? NaN);
}
