import { functions } from "./functions.ts";
import { hosts as store } from "./router.ts";
import { console } from "./web.ts";

/**
 * Which host answers for an endpoint, where the router reads it: one key for each, by the endpoint's full name. SST's own
 * routes are known by four digits of a hash, which collide for one stage name in eighty, and each writes the whole list anew.
 */
export const hosts = Object.entries(functions).map(
  ([endpoint, { url }]) =>
    new aws.cloudfront.KeyvaluestoreKey(
      `Host-${endpoint.replace("/", "-")}`,
      { keyValueStoreArn: store.arn, key: endpoint, value: url.apply((address) => new URL(address).host) },
      // A write must name the ETag of the one before: after SST's own, and then one after the other.
      { dependsOn: [console] },
    ),
);
