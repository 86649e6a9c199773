/** What may be set for the deployment, in `.env` or the shell, and is no secret: it can be read in the function's settings. */
const names = [
  ...["LOG_LEVEL", "TIMEZONE", "TIMEZONE_OFFSET", "REQUEST_TIMEOUT", "REQUEST_MAX_SIZE_MB", "KEEPALIVE_SECONDS"],
  ...["TOKEN_REFRESH_INTERVAL", "RATE_LIMIT_CLEANUP_INTERVAL", "ENABLE_USAGE_STATISTICS", "STORE_OUTAGE"],
  ...["REDIS_KEY_PREFIX", "ADMIN_PASSWORD_RESET", "WEB_TITLE", "WEB_LOGO_URL"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"],
  ...["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"],
];

export const settings: Record<string, string> = Object.fromEntries(
  names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);
