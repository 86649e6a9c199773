import { join } from "node:path";
import { endpoints, type EndpointName } from "../../functions/routes.ts";
import { deploy, secrets, type Deployment } from "../infra/deployment.ts";
import { buildRouter } from "../infra/router.ts";
import { startLambda, type RunningLambda } from "../lambda/start.ts";
import { startCloudfront } from "./cloudfront.ts";
import { settings, type Runtime, type Surroundings } from "./runtime.ts";

/** More than any test has open at once. */
const mostEnvironments = 4;

/**
 * What `sst deploy` made: its router's code before its functions, each under the genuine runtime client with the variables and
 * the linked secrets of the deployment. Only the store's address and the settings of the tests are other than deployed.
 */
export async function startAws({ upstash }: Surroundings): Promise<Runtime> {
  const deployment = await deploy();
  const variables = variablesOf(deployment);
  const store = { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token };
  const lines: string[] = [];
  const running = new Map<string, Promise<RunningLambda>>();
  const find = (endpoint: EndpointName) => {
    const known =
      running.get(endpoint) ??
      startLambda({
        directory: join(deployment.functions, endpoint),
        environment: { ...variables.get(endpoint), ...store, ...settings, REDIS_KEY_PREFIX: "aws:" },
        timeoutMs: endpoints[endpoint].timeout * 1000,
        log: lines,
        most: mostEnvironments,
      });
    running.set(endpoint, known);
    return known;
  };
  const hosts = new Map(Object.keys(endpoints).map((name) => [hostOf(name), name as EndpointName]));
  const front = await startCloudfront({
    route: await buildRouter(deployment.resources),
    files: deployment.console,
    resources: deployment.resources,
    async originOf(host) {
      const endpoint = hosts.get(host);
      return endpoint && (await find(endpoint)).url;
    },
  });
  return {
    ...{ url: front.url, publicUrl: "https://d1.cloudfront.net", signingKey: secrets.QstashNextSigningKey },
    admin: { username: secrets.AdminUsername, password: secrets.AdminPassword },
    seesHangUp: false,
    log: () => lines.join(""),
    async stop() {
      front.stop();
      for (const lambda of await Promise.all(running.values())) await lambda.stop();
    },
  };
}

const nameOf = (endpoint: string) => endpoint.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase());
const hostOf = (endpoint: string) => `${nameOf(endpoint).toLowerCase()}url.lambda-url.eu-central-1.on.aws`;

function variablesOf({ resources }: Deployment): Map<string, Record<string, string>> {
  const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return new Map(
    Object.keys(endpoints).map((endpoint) => {
      const inputs = functions.find(({ name }) => name === `${nameOf(endpoint)}Function`)?.inputs;
      const { variables } = inputs?.environment as { variables: Record<string, string> };
      return [endpoint, variables];
    }),
  );
}
