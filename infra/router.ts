import { buildViewerRequest } from "./edge.ts";
import { originSecret } from "./secrets.ts";
import { shrink } from "./shrink.ts";

// The code holds the origin's proof, so it is a secret in the deployment's state as well.
$transform(aws.cloudfront.Function, (args) => {
  args.code = $util.secret($util.output(args.code).apply(shrink));
});

/** CloudFront's managed SecurityHeadersPolicy: HSTS, nosniff, no foreign frames. */
const securityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03";

const { RELAY_DOMAIN: name, RELAY_CERTIFICATE_ARN: cert } = process.env;
/** With a certificate the DNS record is yours to make; without, the domain's zone is in the account's Route 53. */
const domain = name && (cert ? { name, cert, dns: false as const } : { name });

/** Where the router's code looks up the host of a function, and SST the files of the console. */
export const hosts = new aws.cloudfront.KeyValueStore("Hosts", { comment: `${$app.name} ${$app.stage}` });

/** Else CloudFront answers everybody with one caller's error for ten seconds, whatever its headers say. */
const neverKept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map((errorCode) => {
  return { errorCode, errorCachingMinTtl: 0 };
});

export const router = new sst.aws.Router("Edge", {
  ...(domain ? { domain } : {}),
  edge: {
    viewerRequest: {
      injection: originSecret.value.apply((secret) => buildViewerRequest(secret, Boolean(domain))),
      kvStore: hosts.arn,
    },
  },
  transform: {
    cdn: (args) => {
      args.customErrorResponses = neverKept;
      const behavior = $util.output(args.defaultCacheBehavior);
      args.defaultCacheBehavior = behavior.apply((given) => ({ ...given, responseHeadersPolicyId: securityHeaders }));
    },
  },
});
