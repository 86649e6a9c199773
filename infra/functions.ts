import { endpoints } from "../functions/routes.ts";
import { built } from "./built.ts";
import { firstByteSeconds } from "./edge.ts";
import { router } from "./router.ts";
import { everywhere, metricsToken, signingKeys } from "./secrets.ts";
import { settings } from "./settings.ts";

/** `relay/count-tokens` is RelayCountTokens in AWS. */
const nameOf = (endpoint: string) => endpoint.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase());

const linkedTo = (endpoint: string) =>
  endpoint.startsWith("cron/") ? signingKeys : endpoint === "metrics" ? [metricsToken] : [];

export const functions = Object.fromEntries(
  Object.entries(endpoints).map(([endpoint, { memory, timeout }]) => [
    endpoint,
    new sst.aws.Function(nameOf(endpoint), {
      bundle: `${built}/lambda/${endpoint}`,
      handler: "bundle.handler",
      runtime: "nodejs24.x",
      architecture: "arm64",
      memory: `${memory} MB`,
      timeout: `${timeout} seconds`,
      streaming: true,
      logging: { retention: "1 month", format: "json" },
      environment: { ...settings, FIRST_BYTE_SECONDS: String(firstByteSeconds), PUBLIC_URL: router.url },
      link: [...everywhere, ...linkedTo(endpoint)],
      // Reached through the router alone: infra/hosts.ts tells it where.
      url: { cors: false },
    }),
  ]),
);
