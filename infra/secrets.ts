/**
 * `JwtSecret` is JWT_SECRET to the function, and so on: functions/runtimes/lambda/sst-links.ts. SST keeps the values encrypted in the
 * account's bucket and hands them to a function in an encrypted file, never as environment variables.
 */
const forAll = [
  "JwtSecret",
  "EncryptionKey",
  "AdminUsername",
  "AdminPassword",
  "UpstashRedisRestUrl",
  "UpstashRedisRestToken",
];
const secret = (name: string) => new sst.Secret(name);

export const originSecret = secret("OriginSecret");

/** Set only while the encryption key is being changed; the empty value counts as not set. */
const previousKey = new sst.Secret("EncryptionKeyPrevious", "");
export const everywhere = [...forAll.map(secret), previousKey, originSecret];

/** Whoever scrapes /metrics shows it; without a value there is no such page. */
export const metricsToken = new sst.Secret("MetricsToken", "");

/** With these QStash signs what it sends; only the endpoints that it calls know them. */
export const signingKeys = ["QstashCurrentSigningKey", "QstashNextSigningKey"].map(secret);

/** Known to the deployment alone, which makes the schedules with it. */
export const qstashToken = secret("QstashToken");
