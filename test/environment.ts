import type { Environment } from "../functions/config.ts";

/** The least environment that the relay starts with. */
export const testEnvironment = {
  JWT_SECRET: "test-jwt-secret-of-more-than-32-characters",
  ENCRYPTION_KEY: "k".repeat(32),
  ADMIN_USERNAME: "admin",
  ADMIN_PASSWORD: "correct horse battery",
  TIMEZONE_OFFSET: "0",
  // The simulated upstreams are on this machine, also where the store is a Redis.
  ALLOW_PRIVATE_UPSTREAMS: "true",
} satisfies Environment;
