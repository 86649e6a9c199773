/** What may be set for the deployment, in `.env` or the shell, and is no secret: it can be read in the function's settings. */
export const names = [
  ...["LOG_LEVEL", "TIMEZONE", "TIMEZONE_OFFSET", "REQUEST_TIMEOUT", "REQUEST_MAX_SIZE_MB", "KEEPALIVE_SECONDS"],
  ...[
    "CALL_MAX_SECONDS",
    "CALL_MAX_USD",
    "UNPRICED_MODELS",
    "LIMIT_MESSAGE",
    "TOKEN_REFRESH_INTERVAL",
    "RATE_LIMIT_CLEANUP_INTERVAL",
  ],
  ...[
    "ENABLE_USAGE_STATISTICS",
    "REVOKE_CHECK_SECONDS",
    "REDIS_KEY_PREFIX",
    "ADMIN_PASSWORD_RESET",
    "ALLOW_PRIVATE_UPSTREAMS",
    "CORS_ORIGINS",
  ],
  ...["WEB_TITLE", "WEB_LOGO_URL"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"],
  ...["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"],
];

/** Nobody tells a function that its client has left, so a call that runs away is ended by what it costs. */
const defaults: Record<string, string> = { CALL_MAX_USD: "25" };

export const settings: Record<string, string> = Object.fromEntries(
  names.flatMap((name) => {
    const value = process.env[name] || defaults[name];
    return value ? [[name, value]] : [];
  }),
);
