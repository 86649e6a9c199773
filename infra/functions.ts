import { endpoints } from "../functions/routes.ts";
import { built } from "./built.ts";
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
      environment: { ...settings, PUBLIC_URL: router.url },
      link: [...everywhere, ...linkedTo(endpoint)],
      url: {
        cors: false,
        router: {
          instance: router,
          path: `/${endpoint}`,
          // The router's own code has put the endpoint before the path: infra/edge.ts.
          rewrite: { regex: `^/${endpoint}`, to: "" },
          readTimeout: "60 seconds",
          keepAliveTimeout: "60 seconds",
        },
      },
    }),
  ]),
);
