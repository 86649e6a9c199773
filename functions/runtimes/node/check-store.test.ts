import { expect, test } from "vitest";
import { testEnvironment } from "../../../test/environment.ts";
import { parseConfig } from "../../config.ts";
import { explainStore } from "./check-store.ts";

const config = parseConfig({ ...testEnvironment, REDIS_HOST: "redis.example.com", REDIS_ENABLE_TLS: "true" });

test.each([
  ["self-signed certificate in certificate chain", "NODE_EXTRA_CA_CERTS"],
  ["unable to verify the first certificate", "NODE_EXTRA_CA_CERTS"],
  ["Hostname/IP does not match certificate's altnames", "by the name in the certificate"],
  ["WRONGPASS invalid username-password pair", "REDIS_PASSWORD is refused"],
  ["getaddrinfo ENOTFOUND redis.example.com", "REDIS_HOST names a server that does not exist"],
  ["connect ECONNREFUSED 10.0.0.1:6379", "REDIS_PORT and REDIS_ENABLE_TLS"],
  ["ERR max requests limit exceeded. Limit: 500000", "plan is spent"],
])("a store that says %j is told with what to do: %s", (said, remedy) => {
  const error = new Error("The store is unavailable.", { cause: new Error(said) });
  expect(explainStore(error, config)).toContain(remedy);
});
